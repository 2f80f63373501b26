namespace StreamLearn.Simulation;

/// <summary>Speeds, links and faults of a fleet, read from a JSON file. Unknown keys are errors.</summary>
/// <remarks>
/// What a device gets: <see cref="Defaults"/>, its speed drawn log-normal around them, the slow ones divided by
/// <see cref="StragglerSlowdown"/>,
/// then whatever <see cref="Devices"/> says under its place in the fleet, such as <c>#3</c>, and under its name.
/// What is said of a device that the fleet does not have is left out.
/// </remarks>
public sealed record Scenario
{
    /// <summary>A sentence on what the scenario shows.</summary>
    public string Description { get; init; } = "";

    /// <summary>What every device has.</summary>
    public DeviceSettings Defaults { get; init; } = new();

    /// <summary>Standard deviation of the logarithm of the devices' speeds, 0 to 3; default 0: all alike.</summary>
    public double SpeedSpread { get; init; }

    /// <summary>How many devices, the first by order, are slow; default 0.</summary>
    public int Stragglers { get; init; }

    /// <summary>Devices that are slow besides, by name or place; in the file <c>stragglers</c> is a number or such a list.</summary>
    public IReadOnlyList<string> NamedStragglers { get; init; } = [];

    /// <summary>How many times slower they are, 1 to 1,000,000; default 10.</summary>
    public double StragglerSlowdown { get; init; } = 10;

    /// <summary>What single devices have, by name or place.</summary>
    public IReadOnlyDictionary<string, DeviceSettings> Devices { get; init; } = new Dictionary<string, DeviceSettings>();

    /// <summary>How many times faster than they were taken recordings are played, 0.001 to 1,000,000; default 1.</summary>
    public double ReplaySpeed { get; init; } = 1;

    /// <summary>True: each device begins somewhere in its recordings, as <see cref="PhaseOf"/> draws it. Default false, at their
    /// beginning.</summary>
    public bool RandomPhase { get; init; }

    /// <summary>Virtual seconds that the run lasts, more than 0; null, the default, until the program or the data end it.</summary>
    public double? RunSeconds { get; init; }

    /// <summary>What happens to whole devices, in order of time; default nothing.</summary>
    public IReadOnlyList<DeviceFailure> Failures { get; init; } = [];

    /// <summary>Sensors that are broken; default none.</summary>
    public IReadOnlyList<SensorFault> Faults { get; init; } = [];

    /// <summary>Reads a scenario.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ScenarioException">The file is absent or not a scenario; one line says what to mend.</exception>
    public static Scenario Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            return File.Exists(path) ? Parse(File.ReadAllText(path)) : throw new ScenarioException("no such file");
        }
        catch (ScenarioException e)
        {
            throw new ScenarioException($"{path}: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ScenarioException($"{path}: cannot be read: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>Reads a scenario.</summary>
    /// <param name="json">The text; comments and trailing commas are allowed.</param>
    /// <exception cref="ScenarioException">The text is not a scenario; one line says what to mend.</exception>
    public static Scenario Parse(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return ScenarioReader.Read(json);
    }

    /// <summary>What a device can compute, and its link.</summary>
    /// <param name="name">The device's name.</param>
    /// <param name="index">Its place in the fleet, from 0.</param>
    /// <param name="seed">The seed of the run; the speeds are drawn with it.</param>
    public (DeviceProfile Device, LinkProfile Link) ProfileOf(string name, int index, long seed)
    {
        var placed = Devices.GetValueOrDefault(DeviceReference.Of(index)) ?? new();
        var own = Devices.TryGetValue(name, out var named) ? placed.With(named) : placed;
        var settings = Defaults.With(own);
        var draw = SpeedSpread == 0 ? 1 : Math.Exp(SpeedSpread * new RandomStream(seed, "speed", name).NextGaussian());
        var speed = own.Speed ?? ((Defaults.Speed ?? 1) * draw / (IsStraggler(name, index) ? StragglerSlowdown : 1));
        return (settings.ToDevice(speed), settings.ToLink());
    }

    /// <summary>True if a device is one of the slow ones.</summary>
    /// <param name="name">The device's name.</param>
    /// <param name="index">Its place in the fleet, from 0.</param>
    public bool IsStraggler(string name, int index) =>
        index < Stragglers || NamedStragglers.Any(s => DeviceReference.Means(s, name, index));

    /// <summary>Where in its stream a device begins, 0 up to, not including, 1; 0 without <see cref="RandomPhase"/>.</summary>
    /// <param name="name">The device's name.</param>
    /// <param name="seed">The seed of the run.</param>
    public double PhaseOf(string name, long seed) => RandomPhase ? new RandomStream(seed, "phase", name).NextDouble() : 0;

    /// <summary>Plans in a world what happens to the devices of a fleet. Crashes and farewells are carried out; what it means to rejoin and
    /// to move is the program's.</summary>
    /// <param name="world">The world, which has not come to the first of these times.</param>
    /// <param name="fleet">The names of the devices, by their places.</param>
    /// <param name="rejoin">Adds a device again, by its name.</param>
    /// <param name="move">Moves a device, by its name, to a place.</param>
    /// <exception cref="ArgumentException">A device of the fleet is to rejoin or to move, and nobody says what that is.</exception>
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
                _ => throw new ArgumentException($"'{name}' {failure}: expected a function that does it, got none"),
            };
            world.At(TimeSpan.FromSeconds(failure.AtSeconds), apply);
        }
    }

    /// <summary>How a device's sensor is broken.</summary>
    /// <param name="name">The device's name.</param>
    /// <param name="index">Its place in the fleet, from 0.</param>
    public IEnumerable<SensorFault> FaultsOf(string name, int index) => Faults.Where(f => f.Hits(name, index));
}

/// <summary>A scenario file cannot be used; the message is one line that says what to mend.</summary>
/// <param name="message">Where, what was expected, what came.</param>
public sealed class ScenarioException(string message) : Exception(message);
