namespace StreamLearn.Learning;

/// <summary>Why a fit ended.</summary>
public enum FitEnd
{
    /// <summary>It reached the maximum number of epochs, or of steps over all rows.</summary>
    Epochs,

    /// <summary>It reached the maximum number of steps.</summary>
    Steps,

    /// <summary>The validation loss stopped falling.</summary>
    Patience,

    /// <summary>The loss is at its minimum.</summary>
    Minimum,

    /// <summary>It was stopped, such as by a time limit.</summary>
    Stopped,
}
