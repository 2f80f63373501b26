namespace Tool;

/// <summary>What a command does with rows.</summary>
public enum FitCommand
{
    /// <summary>Reports the columns of files.</summary>
    Look,

    /// <summary>Trains a fleet or one machine on rows.</summary>
    Fit,

    /// <summary>Answers rows with a saved model.</summary>
    Answer,
}
