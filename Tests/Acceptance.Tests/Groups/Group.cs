namespace Acceptance.Tests;

/// <summary>The rows of one person, writer, speaker or recording, in the order in which they came.</summary>
internal sealed record Group(string Name, LabeledRows Rows)
{
    /// <summary>The same rows, those of one class after those of another.</summary>
    internal Group SortedByClass() => new(Name, Rows.Take([.. Enumerable.Range(0, Rows.Count).OrderBy(r => Rows.Labels[r])]));
}

/// <summary>Rows in groups that differ from each other, of which some are left for judging. <paramref name="IsFinal"/>: true: nothing is
/// tuned on it; it is opened for the last table alone. <paramref name="Load"/>: loads all groups; empty where the data are not
/// there.</summary>
internal sealed record GroupSetup(string Name, bool IsFinal, int Classes, Func<IReadOnlyList<Group>> Load)
{
    /// <summary>A third of the groups, drawn by a seed, judges; nobody learns from it.</summary>
    internal static (Group[] Learning, Group[] Unseen) Split(IReadOnlyList<Group> groups, long seed)
    {
        var (order, random) = (groups.ToArray(), new RandomStream(seed, "groups"));
        for (var i = order.Length - 1; i > 0; i--)
        {
            var other = random.NextInt32(i + 1);
            (order[i], order[other]) = (order[other], order[i]);
        }

        var unseen = Math.Max(1, order.Length / 3);
        return (order[unseen..], order[..unseen]);
    }
}
