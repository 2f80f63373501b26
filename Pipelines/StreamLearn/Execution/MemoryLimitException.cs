namespace StreamLearn;

/// <summary>A pipeline may need more memory than its device has, and is therefore not run.</summary>
internal sealed class MemoryLimitException(string pipeline, long neededBytes, long limitBytes, string block, long blockBytes)
    : InvalidOperationException($"{pipeline}: expected a worst case of at most {Sizes.Text(limitBytes)} of memory, "
        + $"got {Sizes.Text(neededBytes)}; most of it, {Sizes.Text(blockBytes)}, in block '{block}'")
{
    public string Pipeline { get; } = pipeline;

    public long NeededBytes { get; } = neededBytes;

    public long LimitBytes { get; } = limitBytes;

    public string Block { get; } = block;

    /// <summary>Number of bytes that this block and the edges into it may need.</summary>
    public long BlockBytes { get; } = blockBytes;
}
