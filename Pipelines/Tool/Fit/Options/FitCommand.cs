namespace Tool;

/// <summary>Actions on rows.</summary>
public enum FitCommand
{
    /// <summary>Reports the columns of files.</summary>
    Look,

    /// <summary>Trains a fleet or one machine on rows.</summary>
    Fit,

    /// <summary>Answers rows with a saved model.</summary>
    Answer,

    /// <summary>Repeats a recorded run.</summary>
    Replay,
}
