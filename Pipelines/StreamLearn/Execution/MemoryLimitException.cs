namespace StreamLearn;

/// <summary>A pipeline may need more memory than its device has, so it is not run.</summary>
/// <param name="pipeline">The pipeline.</param>
/// <param name="neededBytes">What it may need: its edges, its messages in work, and the state that its blocks declare.</param>
/// <param name="limitBytes">What the device has.</param>
/// <param name="block">The block that may need most.</param>
/// <param name="blockBytes">What that block may need, with the edges into it.</param>
public sealed class MemoryLimitException(string pipeline, long neededBytes, long limitBytes, string block, long blockBytes)
    : Exception($"{pipeline}: expected a worst case of at most {Sizes.Text(limitBytes)} of memory, got {Sizes.Text(neededBytes)}; "
        + $"most of it, {Sizes.Text(blockBytes)}, in block '{block}'")
{
    /// <summary>The pipeline.</summary>
    public string Pipeline { get; } = pipeline;

    /// <summary>What it may need, in bytes.</summary>
    public long NeededBytes { get; } = neededBytes;

    /// <summary>What the device has, in bytes.</summary>
    public long LimitBytes { get; } = limitBytes;

    /// <summary>The block that may need most.</summary>
    public string Block { get; } = block;

    /// <summary>What that block may need, with the edges into it, in bytes.</summary>
    public long BlockBytes { get; } = blockBytes;
}
