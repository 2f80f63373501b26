namespace StreamLearn.Simulation;

/// <summary>Speeds, links and faults of a fleet, from a JSON file. Unknown keys are errors.</summary>
/// <remarks> A device gets <see cref="Defaults"/> with a speed drawn from a log-normal distribution, divided by
/// <see cref="StragglerSlowdown"/> if the device is slow. Then <see cref="Devices"/> applies, first by index, such as <c>#3</c>, then by
/// name. Entries of unknown devices are ignored. </remarks>
public sealed record Scenario
{
    /// <summary>A sentence that describes the scenario's purpose.</summary>
    public string Description { get; init; } = "";

    /// <summary>Settings of every device.</summary>
    public DeviceSettings Defaults { get; init; } = new();

    /// <summary>Standard deviation of the logarithm of the speed, 0 to 3; default 0: equal speeds.</summary>
    public double SpeedSpread { get; init; }

    /// <summary>Number of slow devices: the first devices in order; default 0.</summary>
    public int Stragglers { get; init; }

    /// <summary>Further slow devices, by name or index; in the file, <c>stragglers</c> is a number or such a list.</summary>
    public IReadOnlyList<string> NamedStragglers { get; init; } = [];

    /// <summary>Slowdown factor, 1 to 1,000,000; default 10.</summary>
    public double StragglerSlowdown { get; init; } = 10;

    /// <summary>Settings of single devices, by name or index.</summary>
    public IReadOnlyDictionary<string, DeviceSettings> Devices { get; init; } = new Dictionary<string, DeviceSettings>();

    /// <summary>Playback speed of recordings, 0.001 to 1,000,000; default 1.</summary>
    public double ReplaySpeed { get; init; } = 1;

    /// <summary>True: each device starts at a random position in its recordings (<see cref="PhaseOf"/>). Default false: at the
    /// beginning.</summary>
    public bool RandomPhase { get; init; }

    /// <summary>Duration in virtual seconds, above 0; default null: until the program or the data end.</summary>
    public double? RunSeconds { get; init; }

    /// <summary>Device events in order of time; default none.</summary>
    public IReadOnlyList<DeviceFailure> Failures { get; init; } = [];

    /// <summary>Sensor faults; default none.</summary>
    public IReadOnlyList<SensorFault> Faults { get; init; } = [];

    /// <summary>Reads a scenario.</summary>
    /// <exception cref="ScenarioException">The file is absent or invalid; one line says what to fix.</exception>
    public static Scenario Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        try { return File.Exists(path) ? Parse(File.ReadAllText(path)) : throw new ScenarioException("no such file"); }
        catch (ScenarioException e) { throw new ScenarioException($"{path}: {e.Message}"); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ScenarioException($"{path}: cannot be read: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>Reads a scenario.</summary>
    /// <param name="json">The JSON text; comments and trailing commas are allowed.</param>
    /// <exception cref="ScenarioException">The text is invalid; one line says what to fix.</exception>
    public static Scenario Parse(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return ScenarioReader.Read(json);
    }

    /// <summary>Returns a device's profile and its link.</summary>
    /// <param name="name">The device's name.</param>
    /// <param name="index">Its index, from 0.</param>
    /// <param name="seed">The run's seed, for drawn speeds.</param>
    public (DeviceProfile Device, LinkProfile Link) ProfileOf(string name, int index, long seed)
    {
        var placed = Devices.GetValueOrDefault(DeviceReference.Of(index)) ?? new();
        var own = Devices.TryGetValue(name, out var named) ? placed.With(named) : placed;
        var settings = Defaults.With(own);
        var draw = SpeedSpread == 0 ? 1 : Math.Exp(SpeedSpread * new RandomStream(seed, "speed", name).NextGaussian());
        var speed = own.Speed ?? ((Defaults.Speed ?? 1) * draw / (IsStraggler(name, index) ? StragglerSlowdown : 1));
        return (settings.ToDevice(speed), settings.ToLink());
    }

    /// <summary>Returns true if a device is slow.</summary>
    /// <param name="name">The device's name.</param>
    /// <param name="index">Its index, from 0.</param>
    public bool IsStraggler(string name, int index) =>
        index < Stragglers || NamedStragglers.Any(s => DeviceReference.Means(s, name, index));

    /// <summary>Returns a device's start position in its stream, in [0, 1); 0 without <see cref="RandomPhase"/>.</summary>
    public double PhaseOf(string name, long seed) => RandomPhase ? new RandomStream(seed, "phase", name).NextDouble() : 0;

    /// <summary>Schedules the events of the fleet in a world. Crashes and leaves are built in; the program defines how devices rejoin and
    /// move.</summary>
    /// <param name="world">The world, before the first event.</param>
    /// <param name="fleet">The names of the devices, by index.</param>
    /// <param name="rejoin">Adds a device again, by name.</param>
    /// <param name="move">Moves a device, given by name, to a destination.</param>
    /// <exception cref="ArgumentException">A device must rejoin or move, but no action is given.</exception>
    public void PlanFailures(
        VirtualWorld world, IReadOnlyList<string> fleet, Action<string>? rejoin = null, Action<string, string>? move = null)
    {
        ArgumentNullException.ThrowIfNull(world);
        ArgumentNullException.ThrowIfNull(fleet);
        foreach (var failure in Failures)
        {
            if (fleet.Index().FirstOrDefault(d => failure.Hits(d.Item, d.Index)).Item is not { } name) { continue; }
            Action apply = failure.Kind switch
            {
                FailureKind.Crash => () => world.Newest(name).Crash(),
                FailureKind.Leave => () => world.Newest(name).Leave(),
                FailureKind.Rejoin when rejoin is not null => () => rejoin(name),
                FailureKind.Move when move is not null => () => move(name, failure.To),
                _ => throw new ArgumentException($"'{name}' {failure}: expected a function for this failure, got none"),
            };
            world.At(TimeSpan.FromSeconds(failure.AtSeconds), apply);
        }
    }

    /// <summary>Returns a device's sensor faults.</summary>
    /// <param name="name">The device's name.</param>
    /// <param name="index">Its index, from 0.</param>
    public IEnumerable<SensorFault> FaultsOf(string name, int index) => Faults.Where(f => f.Hits(name, index));
}

/// <summary>A scenario file or a link trace is invalid; the message says in one line what to fix.</summary>
/// <param name="message">The position, and the expected and actual values.</param>
public sealed class ScenarioException(string message) : Exception(message);
