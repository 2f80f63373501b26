namespace Benchmarks;

/// <summary>
/// Ours, trained as an application trains it: rows come through a flow into <c>Train</c>. Each row that comes earns many steps, so that the
/// steps are what is measured.
/// </summary>
internal sealed class TrainRun : IDisposable
{
    private const double Seconds = 0.3;     // of a repeat
    internal const double WarmUpSeconds = 2;
    private readonly BenchmarkModel _model;
    private readonly Schema _schema;
    private readonly OperatorProbe _probe;

    private TrainRun(BenchmarkModel model, TrainOptions options, int rows)
    {
        (_model, _schema) = (model, model.Schema());
        _probe = OperatorProbe.From<Batch>(
            (p, flow) => OperatorProbe.Use(flow.Train(model.Model, p.Input<Weights>("models"), options)), _schema, guard: false);
        _probe.Control(Scaled(model.Model));
        if (rows > 1) { _probe.Send(model.Batch(_probe.Pool, _schema, 0, rows - 1)); }
    }

    private long Steps => _probe.Metrics.Counter("steps");

    /// <summary>A contender of a training case: steps per second of processor time.</summary>
    internal static Contender Contender(BenchmarkModel model, int batch, double unitsPerStep = 1) => new("streamlearn",
        Lazily(() => Ready(model, batch), run => run.Measure(unitsPerStep)));

    /// <summary>Steps per second by the clock, with some threads.</summary>
    internal static Contender Clocked(string name, BenchmarkModel model, int batch, int threads) => new(name,
        Lazily(() => Ready(model, batch, threads), run => run.MeasureByClock()));

    /// <summary>The mean loss over steps that each take the same first rows of a model, all of them in order.</summary>
    internal static double Loss(BenchmarkModel model, int rows, int steps, float rate)
    {
        using var run = new TrainRun(model, new()
        {
            Optimizer = Plain(rate),
            BufferRows = rows,
            BatchRows = rows,
            Draw = DrawKind.Shuffle,
            StartAfterRows = rows,
            StepsPerRow = steps,
            MaxVisits = null,
            StepsPerUpdate = steps,
        }, rows);
        run.Send(rows - 1);
        return run._probe.Take<WeightDelta>().Loss;
    }

    /// <inheritdoc />
    public void Dispose() => _probe.Dispose();

    /// <summary>Makes of what is prepared once, at the first call, a measurement.</summary>
    internal static Func<Sample> Lazily<T>(Func<T> prepare, Func<T, Sample> measure) where T : class
    {
        T? prepared = null;
        return () => measure(prepared ??= prepare());
    }

    /// <summary>A run whose next row earns steps for a repeat.</summary>
    private static TrainRun Ready(BenchmarkModel model, int batch, int threads = 1)
    {
        var steps = Measurement.Times(Seconds, times =>
        {
            using var trial = Of(model, batch, times, threads);
            return times / trial.Measure(1).Value;
        });
        var run = Of(model, batch, steps, threads);
        for (var seconds = 0.0; seconds < WarmUpSeconds; seconds += Measurement.Seconds(() => run.Measure(1)).Value)
        {
            // until the runtime has compiled all of it at its best, which peers were before they started
        }
        return run;
    }

    /// <summary>Every step takes all rows of the buffer where they lie, as peers take theirs.</summary>
    private static TrainRun Of(BenchmarkModel model, int batch, int stepsPerRow, int threads) => new(model, new()
    {
        Optimizer = Plain(0.001f),
        BufferRows = batch,
        BatchRows = batch,
        Draw = DrawKind.Shuffle,
        StartAfterRows = batch,
        StepsPerRow = stepsPerRow,
        MaxVisits = null,
        StepsPerUpdate = int.MaxValue,
        Threads = threads,
    }, batch);

    private static Sgd Plain(float rate) => new(rate, Momentum: 0, ClipNorm: float.PositiveInfinity);

    /// <summary>The initial weights as a fleet whose channels have mean 0 and deviation 1 sends them: a scale then changes
    /// nothing.</summary>
    private static Weights Scaled(IModel model)
    {
        var channels = model.Plan.Input.Channels;
        return model.Initial with { Version = 1, Scale = new(2, [.. new double[channels]], [.. Enumerable.Repeat(2.0, channels)]) };
    }

    private Sample Measure(double unitsPerStep)
    {
        var row = _model.Batch(_probe.Pool, _schema, _model.Rows - 1, 1);
        return Measurement.PerProcessorSecond(() =>
        {
            var before = Steps;
            _probe.Send(row);
            return unitsPerStep * (Steps - before);
        });
    }

    private Sample MeasureByClock()
    {
        var row = _model.Batch(_probe.Pool, _schema, _model.Rows - 1, 1);
        var before = Steps;
        var sample = Measurement.Seconds(() => _probe.Send(row));
        return sample with { Value = (Steps - before) / sample.Value, CpuValue = (Steps - before) / sample.CpuValue };
    }

    private void Send(int row) => _probe.Send(_model.Batch(_probe.Pool, _schema, row, 1));
}
