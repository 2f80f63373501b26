namespace StreamLearn.Nodes;

internal readonly record struct PartShare(IndexRange Lines, int Worker, DateTimeOffset Deadline, bool IsDone)
{
    /// <summary>This node.</summary>
    internal const int Here = -1;
}
