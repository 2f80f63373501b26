using System.Globalization;
using System.Text;
using StreamLearn.Aggregation;
using StreamLearn.Learning;

namespace StreamLearn.Fit;

/// <summary>What the report has gathered of a run, saved with the world: a run that goes on shows the same as one that was left
/// alone.</summary>
/// <param name="fleet">The run.</param>
/// <param name="devices">Its devices, through crashes and new starts.</param>
internal sealed class FleetState(RunningFleet fleet, IReadOnlyList<DeviceLives> devices) : IStateful
{
    private readonly long _started = TimeProvider.System.GetTimestamp();

    /// <inheritdoc />
    public string StateFormat => "quickstart-fleet/2";

    /// <inheritdoc />
    public void Save(StateWriter writer)
    {
        writer.Write((fleet.WallBefore + TimeProvider.System.GetElapsedTime(_started)).Ticks);
        writer.Write(devices.Count);
        foreach (var device in devices)
        {
            writer.Write(device.HasCrashed);
            fleet.Watch.SaveDevice(writer, device.Name);
        }

        fleet.Watch.SaveRounds(writer, (round, next) => Judging.IsOnGrid(fleet, round, next));
        writer.WriteEvents(fleet.Events);
    }

    /// <inheritdoc />
    public void Load(ref StateReader reader)
    {
        fleet.WallBefore = new(reader.ReadInt64());
        if (reader.ReadInt32() is var count && count != devices.Count)
        {
            throw new StateException($"expected {devices.Count} devices, got {count}");
        }

        foreach (var device in devices)
        {
            device.HasCrashed = reader.ReadBoolean();
            fleet.Watch.LoadDevice(ref reader, device.Name);
        }

        fleet.Watch.LoadRounds(ref reader);
        reader.ReadEvents(fleet.Events);
    }
}

/// <summary>What the report has gathered of a device, saved with the device.</summary>
internal sealed class DeviceWatch(FleetWatch watch, string device) : IStateful
{
    /// <inheritdoc />
    public string StateFormat => "quickstart-device/1";

    /// <inheritdoc />
    public void Save(StateWriter writer) => watch.SaveDevice(writer, device);

    /// <inheritdoc />
    public void Load(ref StateReader reader) => watch.LoadDevice(ref reader, device);
}

/// <summary>What the report has gathered of a fleet on real threads, saved with its aggregator.</summary>
/// <param name="watch">What it shows of itself.</param>
/// <param name="events">What happened to the devices; locked while it is written to.</param>
/// <param name="startedAt">When the run began, on the clock of its newest start.</param>
internal sealed class AggregatorWatch(FleetWatch watch, List<RunEvent> events, DateTimeOffset startedAt) : IStateful
{
    /// <inheritdoc />
    public string StateFormat => "quickstart-aggregator/1";

    /// <inheritdoc />
    public void Save(StateWriter writer)
    {
        writer.Write((DateTimeOffset?)startedAt);
        watch.SaveRounds(writer, Judging.IsJudged);
        lock (events) { writer.WriteEvents(events); }
    }

    /// <inheritdoc />
    public void Load(ref StateReader reader)
    {
        watch.LoadRounds(ref reader, startedAt - (reader.ReadTime() ?? startedAt));
        lock (events) { reader.ReadEvents(events); }
    }
}

/// <summary>Rounds and evaluations in a state. Of a round stands what the report shows: the version in use, not the one that devices
/// got.</summary>
internal static class SavedReport
{
    /// <param name="writer">Where to.</param>
    /// <param name="round">The round.</param>
    /// <param name="withWeights">False: nobody will ask for its weights, and only their version is written.</param>
    internal static void Write(this StateWriter writer, Round round, bool withWeights)
    {
        writer.Write(LearningCodecs.Weights, withWeights ? round.Averaged : round.Averaged with { Values = [], Scale = null });
        writer.Write(round.Contributions.Length);
        foreach (var used in round.Contributions)
        {
            writer.Write(used.Device);
            writer.Write<long>([used.Epoch, used.Sequence, used.BaseVersion, used.Staleness, used.Samples]);
            writer.Write(used.Weight);
            writer.Write(used.Norm);
        }

        writer.Write(round.Refusals.Length);
        foreach (var refused in round.Refusals)
        {
            writer.Write(refused.Device);
            writer.Write(refused.Epoch);
            writer.Write(refused.Sequence);
            writer.Write(refused.Reason);
        }

        writer.Write(round.Stragglers.Length);
        foreach (var straggler in round.Stragglers)
        {
            writer.Write(straggler.Device);
            writer.Write(straggler.Score);
            writer.Write(straggler.Reason);
        }

        writer.Write(round.Missing);
        writer.Write((DateTimeOffset?)round.StartedAt);
        writer.Write((DateTimeOffset?)round.Ended);
    }

    internal static Round ReadRound(this ref StateReader reader)
    {
        var weights = reader.Read(LearningCodecs.Weights);
        var used = new Contribution[reader.ReadInt32(0, ushort.MaxValue)];
        var numbers = new long[5];
        foreach (ref var one in used.AsSpan())
        {
            var device = reader.ReadText();
            reader.Read<long>(numbers);
            one = new(device, numbers[0], numbers[1], numbers[2], numbers[3], reader.ReadSingle(), (int)numbers[4], reader.ReadDouble());
        }

        var refused = new RefusedUpdate[reader.ReadInt32(0, ushort.MaxValue)];
        foreach (ref var one in refused.AsSpan())
        {
            one = new(reader.ReadText(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadText());
        }

        var stragglers = new Straggler[reader.ReadInt32(0, ushort.MaxValue)];
        foreach (ref var one in stragglers.AsSpan()) { one = new(reader.ReadText(), reader.ReadDouble(), reader.ReadText()); }
        return new()
        {
            Averaged = weights,
            Made = weights,
            Contributions = [.. used],
            Refusals = [.. refused],
            Stragglers = [.. stragglers],
            Missing = reader.ReadInt32(0, int.MaxValue),
            StartedAt = reader.ReadTime() ?? default,
            Ended = reader.ReadTime() ?? default,
        };
    }

    internal static void WriteEvents(this StateWriter writer, IEnumerable<RunEvent> events)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        RunEvents.Write(text, events);
        writer.Write<byte>(Encoding.UTF8.GetBytes(text.ToString()));
    }

    internal static void ReadEvents(this ref StateReader reader, List<RunEvent> events)
    {
        using var text = new StringReader(Encoding.UTF8.GetString(reader.ReadArray<byte>(int.MaxValue)));
        events.Clear();
        events.AddRange(RunEvents.Read(text, "events of the saved run"));
    }

    internal static void Write(this StateWriter writer, Evaluation evaluation)
    {
        writer.Write(evaluation.Device);
        writer.Write<long>([evaluation.ModelVersion, evaluation.Rows, evaluation.Correct, evaluation.RolledBack]);
        writer.Write(evaluation.Loss);
        writer.Write(evaluation.Confusion.AsSpan());
    }

    internal static Evaluation ReadEvaluation(this ref StateReader reader)
    {
        var (device, numbers) = (reader.ReadText(), new long[4]);
        reader.Read<long>(numbers);
        return new()
        {
            Device = device,
            ModelVersion = numbers[0],
            Rows = numbers[1],
            Correct = numbers[2],
            RolledBack = numbers[3],
            Loss = reader.ReadDouble(),
            Confusion = [.. reader.ReadArray<long>(int.MaxValue)],
        };
    }
}
