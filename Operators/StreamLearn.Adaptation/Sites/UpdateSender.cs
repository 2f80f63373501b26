using StreamLearn.Learning;

namespace StreamLearn.Adaptation;

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

    /// <summary>Writes all senders, with their names.</summary>
    internal static void SaveAll<T>(StateWriter writer, List<T> senders)
        where T : UpdateSender
    {
        writer.Write(senders.Count);
        foreach (var sender in senders)
        {
            writer.Write(sender.Name);
            sender.Save(writer);
        }
    }

    /// <summary>Takes up the senders that were written, in place of those that are there.</summary>
    /// <param name="reader">Where from.</param>
    /// <param name="senders">Takes them.</param>
    /// <param name="most">How many there may be.</param>
    /// <param name="maxHeld">Held updates of each, at most.</param>
    /// <param name="make">Makes one of a name.</param>
    internal static void LoadAll<T>(ref StateReader reader, List<T> senders, int most, int maxHeld, Func<string, T> make)
        where T : UpdateSender
    {
        senders.Clear();
        for (var left = reader.ReadInt32(0, most); left > 0; left--)
        {
            var sender = make(reader.ReadText());
            sender.Load(ref reader, maxHeld);
            senders.Add(sender);
        }
    }

    internal abstract void Save(StateWriter writer);

    internal abstract void Load(ref StateReader reader, int maxHeld);

    /// <summary>Takes the oldest held update.</summary>
    internal WeightDelta TakeHeld()
    {
        var update = Held[0];
        Held.RemoveAt(0);
        return update;
    }

    private protected void SaveHeld(StateWriter writer)
    {
        writer.Write(Held.Count);
        foreach (var update in Held) { writer.Write(LearningCodecs.Deltas, update); }
    }

    private protected void LoadHeld(ref StateReader reader, int maxHeld)
    {
        Held.Clear();
        for (var left = reader.ReadInt32(0, maxHeld); left > 0; left--) { Held.Add(reader.Read(LearningCodecs.Deltas)); }
    }
}
