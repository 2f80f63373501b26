using StreamLearn.Learning;
using StreamLearn.Simulation;

namespace Quickstart;

/// <summary>The main job: load, run, show, write, judge.</summary>
internal static class Job
{
    /// <summary>The default world: small devices around 50,000 multiply-adds a second, one ten times slower, a 2 Mbit/s link.</summary>
    private static readonly Scenario DefaultScenario = new()
    {
        Defaults = new()
        {
            MegaMultiplyAddsPerSecond = 0.05,
            Jitter = 0.05,
            UpMegabitsPerSecond = 2,
            DownMegabitsPerSecond = 2,
            DelayMilliseconds = 30,
        },
        SpeedSpread = 0.1,
        Stragglers = 1,
    };

    internal static async Task<int> RunAsync(QuickstartOptions options, CancellationToken cancellationToken)
    {
        var scenario = LoadScenario(options);
        var source = FleetSource.From(options);
        var model = ModelOf(source, options.Seed);
        if (Texts.Wanted(options, source, model) is { } text)
        {
            Console.Out.Write(text);
            return ExitCode.Done;
        }

        var time = TimeProvider.System;
        var started = time.GetTimestamp();
        var view = FleetView.Create();
        FleetView.Start(options, source, model);
        var test = TestRows.Collect(source, options.Seed);
        var fleet = await view.ShowAsync(
            look => RunFleetAsync(options, source, scenario, model, test, look, cancellationToken)).ConfigureAwait(false);
        var result = FleetReport.Of(options, source, fleet, time.GetElapsedTime(started));
        view.Finish(result);
        await FleetReport.WriteAsync(options, source, model, fleet, result).ConfigureAwait(false);
        return ExitCodeOf(result);
    }

    /// <summary>0 only if no device failed and every row is accounted for.</summary>
    internal static int ExitCodeOf(FleetResult result) =>
        result.LedgerAddsUp && result.Devices.TrueForAll(d => d.Failure is null) ? ExitCode.Done : ExitCode.Failed;

    private static Scenario LoadScenario(QuickstartOptions options)
    {
        try
        {
            return options.Scenario is null ? DefaultScenario : Scenario.Load(options.Scenario.FullName);
        }
        catch (ScenarioException e)
        {
            throw new QuickstartException(e.Message, ExitCode.BadScenario);
        }
    }

    /// <summary>The model over the columns that the feature blocks make, so that its schema names their units.</summary>
    private static SoftmaxRegression ModelOf(FleetSource source, long seed)
    {
        var probe = StreamLearn.Pipeline.Define("probe", p => Pipelines.Features(p, source, source.Devices[0]).Discard());
        var schema = probe.Nodes[^2].Schema!;
        return new([.. schema.Fields.Where(f => f.Type == StreamLearn.ColumnType.Float32)], source.Classes.Length, seed);
    }

    private static async Task<RunningFleet> RunFleetAsync(
        QuickstartOptions options, FleetSource source, Scenario scenario, SoftmaxRegression model,
        TestRows test, Action<RunningFleet> look, CancellationToken cancellationToken)
    {
        if (options.Replay is not null) { return ReplayedFleet.Run(options, source, model, test); }
        return options.Host == HostKind.Simulation
            ? SimulatedFleet.Run(options, source, scenario, model, test, look, cancellationToken)
            : await DataflowFleet.RunAsync(options, source, scenario, model, test, look, cancellationToken).ConfigureAwait(false);
    }
}
