namespace Tool;

/// <summary>What a command does with rows.</summary>
public enum FitCommand
{
    /// <summary>A fleet learns from generated rows, or from recordings of people, in virtual time.</summary>
    Demo,

    /// <summary>Says what the columns of files are.</summary>
    Look,

    /// <summary>A fleet, or one machine, learns from rows.</summary>
    Fit,

    /// <summary>A saved model answers rows.</summary>
    Answer,

    /// <summary>Repeats a recorded run.</summary>
    Replay,
}
