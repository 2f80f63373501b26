using System.Runtime.InteropServices;

namespace StreamLearn;

/// <summary>Identities of messages that a subscription took, to detect redelivery after a restart, if they have an identity.</summary>
/// <remarks>Consecutive numbers of a publisher form one run. Runs are bounded; the least recently extended is forgotten.</remarks>
internal sealed class KnownMessages(int capacity)
{
    private const int MinRuns = 256;
    private readonly int _most = Math.Max(2 * capacity, MinRuns);
    private readonly Dictionary<(string Source, long Epoch), List<Run>> _sources = [];
    private readonly LinkedList<Run> _order = [];       // most recently extended last
    private (string Topic, string Source, string Bound) _bound = ("", "", "");      // the newest name bound to its topic
    private MessageOrigin _newest;       // not in a run yet; the state may not have it
    private bool _hasNewest;             // the last message has an identity

    /// <summary>Adds the topic if it is not the named source pipeline's own, so that others cannot use up its numbers.</summary>
    internal MessageOrigin Of(in MessageOrigin origin, Topic topic)
    {
        if (!IsNamed(origin) || IsOwn(origin.Source, topic.Value)) { return origin; }
        if (_bound.Topic != topic.Value || _bound.Source != origin.Source)
        {
            _bound = (topic.Value, origin.Source, $"{origin.Source} on {topic.Value}");
        }

        return origin with { Source = _bound.Bound };
    }

    internal void Add(in MessageOrigin origin)
    {
        Settle();
        (_newest, _hasNewest) = (origin, IsNamed(origin));
    }

    private static bool IsOwn(string source, ReadOnlySpan<char> topic)
    {
        var end = source.IndexOf('/', StringComparison.Ordinal);
        var pipeline = end < 0 ? source : source[..end];
        foreach (var level in topic.Split('/'))
        {
            if (topic[level].SequenceEqual(pipeline)) { return true; }
        }

        return topic.Contains('%') && topic.Contains($"/{Topic.Escape(pipeline)}/", StringComparison.Ordinal);
    }

    internal static bool IsNamed(in MessageOrigin origin) => !string.IsNullOrEmpty(origin.Source);

    internal bool Contains(in MessageOrigin origin)
    {
        if (!IsNamed(origin)) { return false; }
        if (_hasNewest && _newest == origin) { return true; }
        return _sources.TryGetValue((origin.Source, origin.Epoch), out var runs)
            && After(runs, origin.Sequence) is var next && next > 0 && runs[next - 1].To >= origin.Sequence;
    }

    /// <summary><paramref name="leavesNewest"/>: excludes the last message, which is redelivered.</summary>
    internal void State(ref StateStream s, bool leavesNewest)
    {
        if (s.IsWriting && !leavesNewest) { Settle(); }
        var count = s.Value(_order.Count, 0, _most);
        for (var node = _order.First; s.IsWriting && node is not null; node = node.Next)
        {
            State(ref s, node.Value.Source, node.Value.Epoch, node.Value.From, node.Value.To);
        }

        for (; s.IsReading && count > 0; count--)
        {
            var (source, epoch, from, to) = State(ref s, "", 0, 0, 0);
            if (from > to) { throw new StateException($"expected a run of numbers, got {from} to {to} of '{source}'"); }
            Insert(RunsOf(source, epoch), new(source, epoch, from, to));
        }
    }

    private static (string Source, long Epoch, long From, long To) State(
        ref StateStream s, string source, long epoch, long from, long to) =>
        (s.Value(source), s.Value(epoch), s.Value(from), s.Value(to));

    private void Settle()
    {
        if (!_hasNewest) { return; }
        _hasNewest = false;
        var number = _newest.Sequence;
        var runs = RunsOf(_newest.Source, _newest.Epoch);
        var next = After(runs, number);
        var (before, after) = (next > 0 ? runs[next - 1] : null, next < runs.Count ? runs[next] : null);
        if (before is not null && before.To >= number) { return; }
        if (before is not null && before.To == number - 1)
        {
            before.To = number;
            if (after is not null && after.From == number + 1)
            {
                before.To = after.To;
                Forget(after, runs);
            }

            Touch(before);
        }
        else if (after is not null && after.From == number + 1)
        {
            after.From = number;
            Touch(after);
        }
        else { Insert(runs, new(_newest.Source, _newest.Epoch, number, number)); }
    }

    private void Insert(List<Run> runs, Run run)
    {
        runs.Insert(After(runs, run.From), run);
        _order.AddLast(run.Node);
        if (_order.Count <= _most) { return; }
        var oldest = _order.First!.Value;
        Forget(oldest, _sources[(oldest.Source, oldest.Epoch)]);
    }

    private void Forget(Run run, List<Run> runs)
    {
        _order.Remove(run.Node);
        runs.Remove(run);
        if (runs.Count == 0) { _sources.Remove((run.Source, run.Epoch)); }
    }

    private void Touch(Run run)
    {
        _order.Remove(run.Node);
        _order.AddLast(run.Node);
    }

    private List<Run> RunsOf(string source, long epoch)
    {
        ref var runs = ref CollectionsMarshal.GetValueRefOrAddDefault(_sources, (source, epoch), out _);
        return runs ??= [];
    }

    private static int After(List<Run> runs, long number)
    {
        var next = runs.Count;
        while (next > 0 && runs[next - 1].From > number) { next--; }
        return next;
    }

    /// <summary>An inclusive range of message numbers received from a publisher. The runs of a publisher ascend.</summary>
    private sealed class Run
    {
        internal Run(string source, long epoch, long from, long to)
        {
            (Source, Epoch, From, To) = (source, epoch, from, to);
            Node = new(this);
        }

        internal string Source { get; }

        internal long Epoch { get; }

        internal long From { get; set; }

        internal long To { get; set; }

        internal LinkedListNode<Run> Node { get; }
    }
}
