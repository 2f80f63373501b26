using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>Some lines or channels of a block that are being computed, and by whom.</summary>
internal readonly record struct PartShare(IndexRange Lines, int Worker, DateTimeOffset Deadline, bool IsDone)
{
    /// <summary>No worker, but this node.</summary>
    internal const int Here = -1;
}
