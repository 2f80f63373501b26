using StreamLearn.Models;
using StreamLearn.Operators;
using StreamLearn.Samples;
using StreamLearn.Simulation;
using StreamLearn.Tables;

namespace Sensor;

internal static class SensorDevices
{
    private const int WindowsBeforeSteps = 8;       // a device starts to learn with the last of these

    internal static DeviceCapabilities OfThisMachine { get; } =
        DeviceCapabilities.OfThisProcess(ProgramText.Version, LearningCodecs.Deltas.Name);

    /// <summary><paramref name="opened"/>: receives connections to close.</summary>
    internal static List<SensorOptions> Of(SensorConfig config, long epoch, ICollection<IAsyncDisposable> opened)
    {
        var split = config.Learn.Split is { } asked ? SplitOf(config, asked, epoch) : null;
        return [.. Measured(config, device => $"sl-{config.Link.Fleet}-{device}-rows", opened)
            .Select(device => Learning(
                config, device, epoch, split, (place, isKept) => Open(config.Link, place, isKept, device.Name, opened)))];
    }

    /// <summary>Alerts are retained.</summary>
    private static ITransport Open(LinkConfig link, PlaceConfig place, bool isKept, string device, ICollection<IAsyncDisposable> opened)
    {
        var (url, login) = (place.Url ?? link.Url, place.Url is null ? place.Login ?? link.Login : place.Login);
        var client = FormattableString.Invariant($"sl-{link.Fleet}-{device}-answers-{opened.Count}");
        // a fleet's NATS server keeps streams; others need not
        var transport = EdgeServer.OpenAnswers(url, client, place.Topic, isKept && place.Url is null, login);
        opened.Add(transport);
        return transport;
    }

    /// <summary><paramref name="client"/>: returns a device's client name; null without a server session. <paramref name="opened"/>:
    /// receives connections to close.</summary>
    internal static List<MeasuredDevice> Measured(SensorConfig config, Func<string, string?> client, ICollection<IAsyncDisposable> opened)
    {
        try
        {
            return config.Source switch
            {
                RecordingsConfig recorded => OfRecordings(config, recorded),
                CsvConfig csv => [.. CsvSensors.Of(csv, config.Columns, config.Check.Stuck)],
                ServerConfig server => [.. LiveRows.Of(server, config, client, opened)],
                LinesConfig lines => [LiveRows.Of(lines, config.Columns, config.Check.Stuck)],
                HostConfig host => [LiveRows.Of(host, config.Columns, config.Check.Stuck)],
                _ => OfGenerator(config, (GeneratorConfig)config.Source),
            };
        }
        catch (FileRowsException e)
        {
            throw new FormatException(DelimiterWords.InKeys(e.Message), e);
        }
    }

    private static List<MeasuredDevice> OfRecordings(SensorConfig config, RecordingsConfig source)
    {
        var recordings = HarRecordings.Open(source.Folder.FullName);
        var missing = source.People.Except(recordings.People).ToList();
        if (missing.Count > 0)
        {
            throw new HarFormatException($"{source.Folder}: no recordings of {string.Join(", ", missing)}; there are those of "
                + string.Join(", ", recordings.People));
        }

        return [.. source.People.Select(person => new MeasuredDevice(FormattableString.Invariant($"person-{person:00}"),
            p => p.FromHar(recordings, person, new() { SpeedUp = source.Speed }), HarRecordings.Schema, "recording")
            { Quality = Recorded(config) })];
    }

    private static List<MeasuredDevice> OfGenerator(SensorConfig config, GeneratorConfig source) =>
        [.. source.Users.Select(user => new MeasuredDevice(FormattableString.Invariant($"user-{user:000}"),
            p => p.FromHarStream(new() { User = user, Duration = source.Length, Seed = source.Seed, SpeedUp = source.Speed }),
            HarStream.Schema, null) { Quality = Recorded(config) })];

    private static CheckQualityOptions Recorded(SensorConfig config) =>
        new() { Clock = EventClock.FullSpeed, Stuck = config.Check.Stuck, DropFaulty = true };

    private static SensorOptions Learning(
        SensorConfig config, MeasuredDevice device, long epoch, SplitOptions? split, Func<PlaceConfig, bool, ITransport> open) =>
        new(device.Name, config.Link.Topics, config.Model.Create(), device.Measure, device.Columns, rows => Windows(config, device, rows))
        {
            Quality = device.Quality,
            WhyUnread = device.WhyUnread,
            Learns = config.Learns,
            Anomalies = config.Anomalies is not { } anomalies ? null : anomalies.Watch with
            {
                Target = anomalies.To is { } to ? new(open(to, true), to.Topic) : null,
            },
            Answering = config.Answers?.Options(config.Model, open)       // else for the owner alone; a split spares the device
                ?? (split is null && config.Learns ? new(config.Model.Labels) : null),
            Across = config.Answers?.AcrossOptions(config.Model, epoch, config.Exchange.HasBytes),
            Parts = config.Answers?.Parts?.Options(epoch),
            Training = new()
            {
                Optimizer = new Sgd((float)config.Learn.Rate, (float)config.Learn.Momentum, ClipNorm: (float)config.Learn.ClipNorm),
                Buffer = BufferKind.ClassBalanced,
                BufferRows = config.Learn.Buffer,
                BatchRows = config.Learn.Batch,
                StartAfterRows = WindowsBeforeSteps,
                RowsPerStep = config.Learn.Steps is null ? 1 : EarningWindows(config, device),
                StepsPerRow = config.Learn.Steps ?? config.Learn.StepsPerWindow,
                MaxVisits = config.Learn.MaxVisits,
                ShrinkAfter = config.Learn.ShrinkAfter,
                Penalty = (float)config.Learn.Penalty,
                HoldBackShare = config.Learn.HoldBack,
                StepsPerUpdate = config.Exchange.StepsPerUpdate,
                AdjustLogits = config.Learn.AdjustLogits && config.Model.Target is null,
                Announce = true,
                AnnounceAfterClasses = config.Exchange.Barrier && config.Learn.AdjustLogits && config.Model.Target is null ? 2 : 1,
                Pace = config.Exchange.Barrier ? TrainPace.LockStep : TrainPace.Free,
                Epoch = epoch,
                Credit = new() { Updates = config.Exchange.UpdatesUnderWay },
            },
            Split = split,
            PieceBytes = config.Exchange.PieceBytes,
            Code = config.Exchange.Code is { } code ? new() { Code = code } : null,
            Significant = config.Exchange.Significance is { } threshold ? new() { Threshold = threshold } : null,
            Labels = config.Columns.Label is { Later: { } later, Classes: var classes } ? new(classes)
            {
                Folder = Path.Join(config.Link.OpenState().Of(device.Name), "labels"),
                MaxBytes = later.Keep,
                MaxWait = later.Wait,
                Span = SpanOf(config.Model),
            } : null,
            HeartbeatEvery = config.Exchange.Heartbeat,
            ScoreEvery = TimeSpan.FromSeconds(5),
            News = new(TimeSpan.FromSeconds(5)) { Unit = config.Model.Target?.Unit.Symbol ?? "" },
            Capabilities = OfThisMachine,
        };

    /// <summary>Shared by all devices, so layers are measured once.</summary>
    private static SplitOptions SplitOf(SensorConfig config, SplitConfig split, long epoch)
    {
        var model = config.Model.Create();
        return new(new()
        {
            Optimizer = new Sgd((float)config.Learn.Rate, (float)config.Learn.Momentum, ClipNorm: float.PositiveInfinity),
            BatchRows = config.Learn.Batch,
            RoundBatches = config.Exchange.StepsPerUpdate,
            LearnsScale = true,
            MinLayers = split.Layers ?? 1,
            Epoch = epoch,
            Resources = split.Layers is null ? new()
            {
                Times = LayerProfile.Measure(model, config.Learn.Batch, TimeProvider.System).Times,
                MemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
                ComputingWatts = split.Watts is [var computing, ..] ? computing : 0,
                SendingWatts = split.Watts is [_, var sending, _] ? sending : 0,
                ReceivingWatts = split.Watts is [.., var receiving] ? receiving : 0,
            } : null,
        }, split.Layers ?? model.Layers.Length)
        {
            HasBytes = config.Exchange.HasBytes,
        };
    }

    /// <summary>Returns the window length if the model uses features, whose rows have a single time.</summary>
    private static TimeSpan SpanOf(ModelConfig model) => model.RowsPerSecond is { } rate && !Preparation.TakesRows(model.Kind)
        ? TimeSpan.FromSeconds((model.Samples - 1) / rate) : TimeSpan.Zero;

    private static int EarningWindows(SensorConfig config, MeasuredDevice device)
    {
        var (samples, windows) = (config.Model.Create().Plan.Input.Samples, 0);
        using var world = new VirtualWorld();
        world.Add(Pipeline.Define(device.Name, p =>
        {
            var (good, faulty) = device.Measure(p).CheckQuality(device.Quality);
            faulty.Discard();
            Windows(config, device, good).ForEach("count", batch =>
            {
                var labelled = new RowCollector(samples, maxBytes: long.MaxValue);
                labelled.Add(batch);
                windows += labelled.Count;
            });
        }));
        world.RunToEnd();
        return Math.Max(1, windows - WindowsBeforeSteps);      // the steps of the last windows may remain undone
    }

    internal static Flow<Batch> Windows(SensorConfig config, MeasuredDevice device, Flow<Batch> rows)
    {
        if (config.Model.Preparation is not { } preparation) { throw new InvalidOperationException("expected columns"); }
        var windows = config.Model.Resamples ? preparation.CutPaced(rows, part: device.Segment) : preparation.Cut(rows, device.Segment);
        if (config.Columns.Label?.Next is { } next)
        {
            var (samples, hop) = (preparation.WindowRows, preparation.HopRows);
            windows = windows.LabelByNext(next, (samples + hop - 1) / hop);
        }

        return preparation.Features(windows);
    }
}
