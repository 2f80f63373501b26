namespace StreamLearn.Arrow;

/// <summary>The two forms of Arrow IPC.</summary>
public enum ArrowForm
{
    /// <summary>A sequence of messages, read from the start: files named <c>.arrows</c>.</summary>
    Stream,

    /// <summary>The same with a footer, so that batches can be read in any order: files named <c>.arrow</c> or <c>.feather</c>.</summary>
    File,
}
