namespace StreamLearn.Nodes;

internal readonly record struct PartShare(IndexRange Lines, int Worker, DateTimeOffset Deadline, bool IsDone)
{
    internal const int Here = -1;
}
