namespace StreamLearn.Learning;

/// <summary>Why a fit ended.</summary>
public enum FitEnd
{
    /// <summary>All epochs, or steps over all rows, were made that it may make.</summary>
    Epochs,

    /// <summary>All steps were made that it may make.</summary>
    Steps,

    /// <summary>The loss of validation had stopped falling.</summary>
    Patience,

    /// <summary>The loss is as low as it can be.</summary>
    Minimum,

    /// <summary>It was stopped, such as by a limit of time.</summary>
    Stopped,
}
