namespace StreamLearn.Simulation;

internal readonly record struct SavedEvent(EventKind Kind, long Time, long Number, int Of, int Actor)
{
    internal static SavedEvent From(in WorldEvent added, (long Time, long Number) place, Dictionary<VirtualDevice, int> numbers) => new(
        added.Kind, place.Time, place.Number, added.Actor is null ? added.PlanNumber : numbers[added.Actor.Device],
        added.Actor?.Node.Index ?? 0);

    internal static void State(ref StateStream s, ref SavedEvent saved, (IReadOnlyList<VirtualDevice> Devices, int Plans) with)
    {
        var kind = (EventKind)s.Value((int)saved.Kind, 0, (int)EventKind.Plan);
        var (time, number) = (s.Value(saved.Time), s.Value(saved.Number));
        var of = s.Value(saved.Of, 0, (kind == EventKind.Plan ? with.Plans : with.Devices.Count) - 1);
        saved = new(kind, time, number, of, kind == EventKind.Plan ? 0 : s.Value(saved.Actor, 0, with.Devices[of].Actors.Count - 1));
    }
}
