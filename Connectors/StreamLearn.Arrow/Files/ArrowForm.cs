namespace StreamLearn.Arrow;

/// <summary>The two forms of Arrow IPC.</summary>
public enum ArrowForm
{
    /// <summary>A sequence of messages that is read from the start: <c>.arrows</c>.</summary>
    Stream,

    /// <summary>A stream with a footer for random access: <c>.arrow</c> or <c>.feather</c>.</summary>
    File,
}
