using StreamLearn.Simulation;

namespace StreamLearn.Programs;

internal sealed class PlayedLinks
{
    private readonly Func<string, int, LinkProfile> _of;

    private PlayedLinks(Func<string, int, LinkProfile> of) => _of = of;

    /// <summary>Reads the links of a scenario (<c>.json</c>), or a trace (<see cref="LinkProfile.ReadTrace"/>) for all devices.</summary>
    public static PlayedLinks Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (path.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
        {
            var scenario = Scenario.Load(path);
            return new((device, index) => scenario.ProfileOf(device, index, seed: 0).Link);
        }

        var trace = LinkProfile.ReadTrace(path);
        return new((_, _) => trace);
    }

    public LinkProfile Of(string device, int index) => _of(device, index);
}
