namespace Tool;

/// <summary>What a command does with rows.</summary>
public enum FitCommand
{
    /// <summary>Trains a fleet on generated rows or recordings of people, in virtual time.</summary>
    Demo,

    /// <summary>Reports the columns of files.</summary>
    Look,

    /// <summary>Trains a fleet or one machine on rows.</summary>
    Fit,

    /// <summary>Answers rows with a saved model.</summary>
    Answer,

    /// <summary>Repeats a recorded run.</summary>
    Replay,
}
