namespace StreamLearn.Learning;

/// <summary>Why a fit ended.</summary>
public enum FitEnd
{
    /// <summary>Reached the maximum epochs, or steps over all rows.</summary>
    Epochs,

    /// <summary>Reached the maximum steps.</summary>
    Steps,

    /// <summary>The validation loss stopped falling.</summary>
    Patience,

    /// <summary>The loss is at its minimum.</summary>
    Minimum,

    /// <summary>Stopped, such as by a time limit.</summary>
    Stopped,
}
