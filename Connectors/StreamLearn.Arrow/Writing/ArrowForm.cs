namespace StreamLearn.Arrow;

/// <summary>The two forms of Arrow on a disk or a wire.</summary>
public enum ArrowForm
{
    /// <summary>Messages one after the other, for whoever reads from the start: files named <c>.arrows</c>.</summary>
    Stream,

    /// <summary>The same with a footer, by which batches are found in any order: files named <c>.arrow</c> or <c>.feather</c>.</summary>
    File,
}
