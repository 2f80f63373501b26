namespace StreamLearn.Simulated;

internal sealed class PartialResult(FleetOptions options)
{
    private readonly Lock _gate = new();
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private readonly Dictionary<string, (RunningFleet Fleet, TimeSpan At)> _fleets = new(StringComparer.Ordinal);
    private List<FleetRun> _runs = [];

    internal FleetOptions Options { get; set; } = options;

    internal FleetResult? Result { get; set; }

    /// <summary>The main run comes first.</summary>
    internal void Expect(List<FleetRun> runs) => _runs = runs;

    /// <summary>Thread-safe.</summary>
    internal void See(RunningFleet fleet)
    {
        lock (_gate) { _fleets[fleet.Mode.Name] = (fleet, fleet.Elapsed()); }
    }

    internal void Write(string error, int exitCode)
    {
        if (Options.Json is not { } file) { return; }
        var json = Result is { } result ? (result with { Error = error, ExitCode = exitCode }).ToJson() : Failed(error, exitCode).ToJson();
        try { Files.Write(file, json + "\n"); }
        catch (ProgramException e) when (e.Message != error)
        {
            Console.Error.WriteLine($"{Options.Program}: {PrintableText.Of(e.Message)}");
        }
        catch (ProgramException)
        {
            // The original error was reported.
        }
    }

    private FailedResult Failed(string error, int exitCode)
    {
        var main = _runs is [var first, ..] ? first : null;
        var result = new FailedResult
        {
            Error = error,
            ExitCode = exitCode,
            Host = Options.HostName,
            Data = main?.Source.Description,
            Scenario = main is null ? null : World.TextOf(main, Options),
            Mode = main?.Mode.Name,
            Seed = Options.Seed,
            WallSeconds = Math.Round(TimeProvider.System.GetElapsedTime(_started).TotalSeconds, 3),
        };
        lock (_gate)
        {
            if (_fleets.Count == 0) { return result; }
            var (fleet, at) = main is not null && _fleets.TryGetValue(main.Mode.Name, out var known) ? known : _fleets.Values.First();
            return result with { Cut = fleet.CutOff ?? CutOff.Of(fleet, at), Mode = fleet.Mode.Name, ConnectionLosses = 0 };
        }
    }
}
