using StreamLearn.Learning;

namespace StreamLearn.Fleets;

/// <summary>Who sends a site updates, of which some are held until their turn: another site, or a worker of its own.</summary>
internal abstract class UpdateSender(string name)
{
    internal string Name => name;

    internal bool HasLeft { get; set; }

    /// <summary>When it was heard last.</summary>
    internal DateTimeOffset Seen { get; set; }

    /// <summary>Its updates that are not in the copy, in the order in which they came; the base version of each is its clock.</summary>
    internal List<WeightDelta> Held { get; } = [];

    /// <summary>The sender of the held update that is next in the order of clocks and names; null if there is none up to a clock.</summary>
    internal static T? Next<T>(List<T> senders, long clock)
        where T : UpdateSender
    {
        T? next = null;
        foreach (var sender in senders)
        {
            if (sender.Held.Count == 0 || sender.Held[0].BaseVersion > clock) { continue; }
            if (next is null || (sender.Held[0].BaseVersion, string.CompareOrdinal(sender.Name, next.Name))
                .CompareTo((next.Held[0].BaseVersion, 0)) < 0) { next = sender; }
        }

        return next;
    }

    /// <summary>All senders, with their names. Those that are read take the place of those that are there. <paramref name="maxHeld"/>: held
    /// updates of each, at most.</summary>
    internal static void State<T>(ref StateStream s, List<T> senders, int most, int maxHeld, Func<string, T> make)
        where T : UpdateSender =>
        s.Items(senders, most, (maxHeld, make), static (ref StateStream s, ref T sender, (int MaxHeld, Func<string, T> Make) with) =>
        {
            var name = s.Value(sender?.Name ?? "");
            sender ??= with.Make(name);
            sender.State(ref s, with.MaxHeld);
        });

    internal abstract void State(ref StateStream s, int maxHeld);

    /// <summary>Takes the oldest held update.</summary>
    internal WeightDelta TakeHeld()
    {
        var update = Held[0];
        Held.RemoveAt(0);
        return update;
    }

    private protected void HeldState(ref StateStream s, int maxHeld) => s.Items(Held, maxHeld,
        static (ref StateStream s, ref WeightDelta update) => s.Value(ref update, LearningCodecs.Deltas));
}
