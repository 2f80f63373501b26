using StreamLearn.Simulation;

namespace StreamLearn.Simulated;

internal static class ScenarioCheck
{
    internal static Scenario Load(FleetOptions options)
    {
        try { return Scenario.Load(options.ScenarioFile); }
        catch (ScenarioException e) { throw new ProgramException(e.Message, ExitCode.BadScenario); }
    }

    internal static void Require(Scenario scenario, FleetSource source, FleetOptions options)
    {
        var channels = source.Channels;
        if (scenario.Faults.FirstOrDefault(f => !f.IsClock && !channels.Contains(f.Channel)) is { } fault)
        {
            throw Refused($"faults: there is no channel '{fault.Channel}', expected one of {string.Join(", ", channels)}");
        }

        if (scenario.Failures.FirstOrDefault(static f => f.Kind == FailureKind.Move) is { } move)
        {
            throw Refused($"failures: '{move.Device}' {move}, but this fleet has only one server");
        }

        if (options.Scenario is not null)
        {
            var named = scenario.Faults.Select(f => f.Device).Concat(scenario.Failures.Select(f =>
                f.Device)).Concat(scenario.NamedStragglers)
                .Concat(scenario.Devices.Keys);
            var places = Enumerable.Range(0, source.Devices.Length).Select(i => FormattableString.Invariant($"#{i}")).ToHashSet();
            if (named.FirstOrDefault(n => !source.Devices.Contains(n) && !places.Contains(n)) is { } stranger)
            {
                throw Refused(
                    $"there is no device '{stranger}', expected one of {Names(source.Devices)}, or #0 to #{source.Devices.Length - 1}");
            }

            if (scenario.Stragglers > source.Devices.Length)
            {
                throw Refused($"expected at most {source.Devices.Length} stragglers, the number of devices, got {scenario.Stragglers}");
            }
        }
    }

    private static ProgramException Refused(string what) => new($"--scenario: {what}", ExitCode.BadScenario);

    private static string Names(IReadOnlyList<string> names) =>
        names.Count <= 4 ? string.Join(", ", names) : $"{names[0]}, {names[1]} … {names[^1]}";
}
