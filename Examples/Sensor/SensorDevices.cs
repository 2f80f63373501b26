using StreamLearn;
using StreamLearn.Fleets;
using StreamLearn.Learning;
using StreamLearn.Operators;
using StreamLearn.Samples;

namespace Sensor;

/// <summary>What a configuration says, as devices: the same values as a program that is written in C#.</summary>
internal static class SensorDevices
{
    /// <summary>The devices.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="epoch">Start of the program, in milliseconds since 1970.</param>
    /// <exception cref="HarFormatException">The recordings cannot be read.</exception>
    internal static List<SensorOptions> Of(SensorConfig config, long epoch) => config.Source switch
    {
        RecordingsConfig recorded => OfRecordings(config, recorded, epoch),
        _ => OfGenerator(config, (GeneratorConfig)config.Source, epoch),
    };

    private static List<SensorOptions> OfRecordings(SensorConfig config, RecordingsConfig source, long epoch)
    {
        var recordings = HarRecordings.Open(source.Folder.FullName);
        var missing = source.People.Except(recordings.People).ToList();
        if (missing.Count > 0)
        {
            throw new HarFormatException($"{source.Folder}: no recordings of {string.Join(", ", missing)}; there are those of "
                + string.Join(", ", recordings.People));
        }

        return [.. source.People.Select(person => Device(config, FormattableString.Invariant($"person-{person:00}"), epoch,
            p => p.FromHar(recordings, person, new() { SpeedUp = source.Speed }), HarRecordings.Schema, "recording"))];
    }

    private static List<SensorOptions> OfGenerator(SensorConfig config, GeneratorConfig source, long epoch) =>
        [.. source.Users.Select(user => Device(config, FormattableString.Invariant($"user-{user:000}"), epoch,
            p => p.FromHarStream(new() { User = user, Duration = source.Length, Seed = source.Seed, SpeedUp = source.Speed }),
            HarStream.Schema, null))];

    private static SensorOptions Device(
        SensorConfig config, string name, long epoch, Func<PipelineBuilder, Flow<Batch>> measure, Schema columns, string? segment) =>
        new(name, config.Link.Topics, HarNetwork.Create(42), measure, columns,
            rows => rows.Window(config.Window.Samples, config.Window.Hop, new() { Segment = segment }))
        {
            Quality = new() { Clock = EventClock.FullSpeed, Stuck = config.Check.Stuck, DropFaulty = true },
            Training = new()
            {
                Optimizer = new Sgd((float)config.Learn.Rate, (float)config.Learn.Momentum, ClipNorm: (float)config.Learn.ClipNorm),
                Buffer = BufferKind.ClassBalanced,
                BufferRows = config.Learn.Buffer,
                BatchRows = config.Learn.Batch,
                StepsPerUpdate = config.Exchange.StepsPerUpdate,
                AdjustLogits = true,
                Announce = true,
                Pace = config.Exchange.Barrier ? TrainPace.LockStep : TrainPace.Free,
                Epoch = epoch,
                Credit = new() { Updates = config.Exchange.UpdatesUnderWay },
            },
            HeartbeatEvery = config.Exchange.Heartbeat,
            Capabilities = DeviceCapabilities.OfThisProcess(ProgramText.Version, LearningCodecs.Deltas.Name),
        };
}
