using System.Globalization;
using System.Text;
using StreamLearn.Fleets;
using StreamLearn.Learning;

namespace StreamLearn.Simulated;

/// <summary>Report data saved with the world, so that a resumed run shows the same.</summary>
internal sealed class FleetState(RunningFleet fleet) : IStateful
{
    private readonly long _started = TimeProvider.System.GetTimestamp();

    public string StateFormat => "quickstart-fleet/3";

    public IReadOnlyList<string> EarlierFormats => ["quickstart-fleet/2"];       // formats without devices that rejoin

    public void State(ref StateStream s)
    {
        var wall = s.Value((fleet.WallBefore + TimeProvider.System.GetElapsedTime(_started)).Ticks);
        if (s.IsReading) { fleet.WallBefore = new(wall); }
        if (s.Value(fleet.Members.Count) is var count && count != fleet.Members.Count)
        {
            throw new StateException($"expected {fleet.Members.Count} devices, got {count}");
        }

        foreach (var device in fleet.Members)
        {
            device.HasCrashed = s.Value(device.HasCrashed);
            if (!EarlierFormats.Contains(s.Format)) { device.IsToRejoin = s.Value(device.IsToRejoin); }
            fleet.Watch.State(ref s, device.Name);
        }

        fleet.Watch.State(ref s, (round, next) => Judging.IsOnGrid(fleet, round, next));
        SavedReport.State(ref s, fleet.Events);
    }
}

/// <summary>Rounds keep the version in use, which the report shows, not the one sent to devices.</summary>
internal static class SavedReport
{
    internal static void State(ref StateStream s, ref Round round, bool withWeights)
    {
        var averaged = round is null || withWeights ? round?.Averaged : round.Averaged with { Values = [], Scale = null };
        averaged = s.Value(averaged, LearningCodecs.Weights);
        var used = s.Items(round?.Contributions ?? [], ushort.MaxValue, static (ref StateStream s, ref Contribution one) =>
        {
            var device = s.Value(one.Device ?? "");
            Span<long> numbers = [one.Epoch, one.Sequence, one.BaseVersion, one.Staleness, one.Samples];
            s.Values(numbers);
            var (weight, norm) = (s.Value(one.Weight), s.Value(one.Norm));
            one = new(device, numbers[0], numbers[1], numbers[2], numbers[3], weight, (int)numbers[4], norm);
        });
        var refused = s.Items(round?.Refusals ?? [], ushort.MaxValue, static (ref StateStream s, ref RefusedUpdate one) =>
            one = new(s.Value(one.Device ?? ""), s.Value(one.Epoch), s.Value(one.Sequence), s.Value(one.Reason ?? "")));
        var stragglers = s.Items(round?.Stragglers ?? [], ushort.MaxValue,
            static (ref StateStream s, ref (string Device, double Score, string Reason) one) =>
            one = new(s.Value(one.Device ?? ""), s.Value(one.Score), s.Value(one.Reason ?? "")));
        var missing = s.Value(round?.Missing ?? 0, 0, int.MaxValue);
        var (startedAt, ended) = (s.Time(round?.StartedAt) ?? default, s.Time(round?.Ended) ?? default);
        if (s.IsWriting) { return; }
        round = new()
        {
            Averaged = averaged,
            Made = averaged,
            Contributions = used,
            Refusals = refused,
            Stragglers = stragglers,
            Missing = missing,
            StartedAt = startedAt,
            Ended = ended,
        };
    }

    internal static void State(ref StateStream s, List<RunEvent> events)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        RunEvents.Write(text, events);
        var bytes = s.Array<byte>(Encoding.UTF8.GetBytes(text.ToString()).AsSpan(), int.MaxValue);
        if (s.IsWriting) { return; }
        using var read = new StringReader(Encoding.UTF8.GetString(bytes));
        events.Clear();
        events.AddRange(RunEvents.Read(read, "events of the saved run"));
    }

    internal static void State(ref StateStream s, ref Evaluation evaluation)
    {
        var device = s.Value(evaluation?.Device ?? "");
        Span<long> numbers = [evaluation?.ModelVersion ?? 0, evaluation?.Rows ?? 0, evaluation?.Correct ?? 0, evaluation?.RolledBack ?? 0];
        s.Values(numbers);
        var (loss, confusion) = (s.Value(evaluation?.Loss ?? 0), s.Array(evaluation?.Confusion ?? [], int.MaxValue));
        if (s.IsWriting) { return; }
        evaluation = new()
        {
            Device = device,
            ModelVersion = numbers[0],
            Rows = numbers[1],
            Correct = numbers[2],
            RolledBack = numbers[3],
            Loss = loss,
            Confusion = confusion,
        };
    }
}
