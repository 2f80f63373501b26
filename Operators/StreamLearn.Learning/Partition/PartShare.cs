using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>Some lines or channels of a block that are being computed, and by whom.</summary>
/// <param name="Lines">Lines or channels of the block's output.</param>
/// <param name="Worker">The worker; <see cref="Here"/>: this node.</param>
/// <param name="Deadline">When the worker is taken for lost.</param>
/// <param name="IsDone">True: they have been computed.</param>
internal readonly record struct PartShare(IndexRange Lines, int Worker, DateTimeOffset Deadline, bool IsDone)
{
    /// <summary>No worker, but this node.</summary>
    internal const int Here = -1;
}
