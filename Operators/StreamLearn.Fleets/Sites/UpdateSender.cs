namespace StreamLearn.Fleets;

internal abstract class UpdateSender(string name)
{
    internal string Name => name;

    internal bool HasLeft { get; set; }

    internal DateTimeOffset Seen { get; set; }

    /// <summary>Updates that are not in the copy yet, in order of arrival; each base version is the clock.</summary>
    internal List<WeightDelta> Held { get; } = [];

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

    /// <summary>Restoring replaces the present senders. <paramref name="maxHeld"/>: maximum held updates per sender.</summary>
    internal static void State<T>(ref StateStream s, List<T> senders, int most, int maxHeld, Func<string, T> make)
        where T : UpdateSender =>
        s.Items(senders, most, (maxHeld, make), static (ref StateStream s, ref T sender, (int MaxHeld, Func<string, T> Make) with) =>
        {
            var name = s.Value(sender?.Name ?? "");
            sender ??= with.Make(name);
            sender.State(ref s, with.MaxHeld);
        });

    internal abstract void State(ref StateStream s, int maxHeld);

    internal WeightDelta TakeHeld()
    {
        var update = Held[0];
        Held.RemoveAt(0);
        return update;
    }

    private protected void HeldState(ref StateStream s, int maxHeld) => s.Items(Held, maxHeld,
        static (ref StateStream s, ref WeightDelta update) => s.Value(ref update, LearningCodecs.Deltas));
}
