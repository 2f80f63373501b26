using StreamLearn.Simulation;

namespace StreamLearn.Programs;

/// <summary>Links that a program plays over its server in real time, one for each device.</summary>
public sealed class PlayedLinks
{
    private readonly Func<string, int, LinkProfile> _of;

    private PlayedLinks(Func<string, int, LinkProfile> of) => _of = of;

    /// <summary>Reads a file: a scenario, if its name ends with <c>.json</c>, of which the links count; else a trace
    /// (<see cref="LinkTrace"/>), which all devices have.</summary>
    /// <param name="path">Its path.</param>
    /// <exception cref="LinkTraceException">It is no trace; one line says what to mend.</exception>
    /// <exception cref="ScenarioException">It is no scenario; one line says what to mend.</exception>
    public static PlayedLinks Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (path.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
        {
            var scenario = Scenario.Load(path);
            return new((device, index) => scenario.ProfileOf(device, index, seed: 0).Link);
        }

        var trace = LinkTrace.Read(path);
        return new((_, _) => trace);
    }

    /// <summary>The link of a device.</summary>
    /// <param name="device">The device's name.</param>
    /// <param name="index">Its place in the program, from 0.</param>
    public LinkProfile Of(string device, int index) => _of(device, index);
}
