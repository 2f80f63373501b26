using FsCheck;
using FsCheck.Fluent;
using static StreamLearn.Simulation.Tests.Wiring;

namespace StreamLearn.Simulation.Tests;

public sealed class ScenarioTests
{
    private const string Example = """
        {
          // Two slow ones, one of them with a bad link.
          "description": "a fleet",
          "defaults": { "megaMultiplyAddsPerSecond": 50, "cores": 2, "jitter": 0.1, "upMegabitsPerSecond": 1.5, "downMegabitsPerSecond": 6, "delayMilliseconds": 20, },
          "speedSpread": 0.5,
          "stragglers": 1,
          "stragglerSlowdown": 4,
          "devices": {
            "pump-1": { "speed": 0.25, "speedTrace": [{ "atSeconds": 10, "speed": 0.5 }, { "atSeconds": 20.5, "speed": 1 }] },
            "pump-2": { "cores": 1, "outages": [{ "fromSeconds": 1, "toSeconds": 2 }, { "fromSeconds": 2, "toSeconds": 3 }] }
          }
        }
        """;

    [Fact]
    public void What_a_device_gets_is_the_defaults_under_its_own_settings()
    {
        var scenario = Scenario.Parse(Example);

        var (first, firstLink) = scenario.ProfileOf("pump-1", 0, seed: 3);
        var (second, secondLink) = scenario.ProfileOf("pump-2", 1, seed: 3);
        var (third, _) = scenario.ProfileOf("pump-3", 2, seed: 3);

        Assert.Equal("a fleet", scenario.Description);
        Assert.Equal(new DeviceProfile
        {
            MultiplyAddsPerSecond = 50e6,
            Cores = 2,
            Jitter = 0.1,
            Speed = 0.25,
            SpeedTrace = [new(TimeSpan.FromSeconds(10), 0.5), new(TimeSpan.FromSeconds(20.5), 1)]
        }, first);
        Assert.Equal(new LinkProfile { UpBitsPerSecond = 1.5e6, DownBitsPerSecond = 6e6, Delay = Ms(20) }, firstLink);
        Assert.Equal((1, Drawn("pump-2")), (second.Cores, second.Speed));
        Assert.Equal([new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)), new(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3))],
            secondLink.Outages.ToArray());
        Assert.Equal((2, Drawn("pump-3")), (third.Cores, third.Speed));

        static double Drawn(string name) => Math.Exp(0.5 * new RandomStream(3, "speed", name).NextGaussian());
    }

    [Fact]
    public void The_first_devices_are_slow_unless_their_own_speed_is_given()
    {
        var scenario = Scenario.Parse("""{ "defaults": { "speed": 2 }, "stragglers": 2, "stragglerSlowdown": 4, "devices": { "b": { "speed": 3 } } }""");

        Assert.Equal([0.5, 3, 2], new[] { "a", "b", "c" }.Select((name, i) => scenario.ProfileOf(name, i, 1).Device.Speed));
    }

    [Fact]
    public void An_empty_scenario_limits_nothing()
    {
        var (device, link) = Scenario.Parse("{}").ProfileOf("a", 0, 1);

        Assert.Equal((DeviceProfile.Unlimited, LinkProfile.Unlimited), (device, link));
    }

    [Theory]
    [InlineData("""{ "speedSpraed": 1 }""", "scenario: unknown key 'speedSpraed', expected one of description, defaults, speedSpread, stragglers, stragglerSlowdown, devices")]
    [InlineData("""{ "defaults": { "Cores": 1 } }""", "defaults: unknown key 'Cores', expected one of megaMultiplyAddsPerSecond, speed, speedTrace, cores, jitter, upMegabitsPerSecond, downMegabitsPerSecond, delayMilliseconds, outages")]
    [InlineData("""{ "defaults": { "speed": "fast" } }""", "defaults.speed: expected a number, got a text")]
    [InlineData("""{ "defaults": null }""", "defaults: expected an object, got null")]
    [InlineData("""{ "devices": { "a": null } }""", "devices.a: expected an object, got null")]
    [InlineData("""{ "devices": [] }""", "devices: expected an object, got a list")]
    [InlineData("""{ "devices": { "a": { "speedTrace": [null] } } }""", "devices.a.speedTrace[0]: expected an object, got null")]
    [InlineData("""{ "defaults": { "speedTrace": [{ "atSeconds": 2, "speed": 1 }, { "atSeconds": 1, "speed": 1 }] } }""", "defaults.speedTrace[1].atSeconds: expected 2 to 1000000000, got 1")]
    [InlineData("""{ "defaults": { "speedTrace": [{ "atSeconds": 2 }] } }""", "defaults.speedTrace[0]: 'speed' is missing")]
    [InlineData("""{ "defaults": { "outages": [{ "fromSeconds": 5, "toSeconds": 4 }] } }""", "defaults.outages[0].toSeconds: expected 5.000001 to 1000000001, got 4")]
    [InlineData("""{ "defaults": { "cores": 1.5 } }""", "defaults.cores: expected a whole number of at least 1, got 1.5")]
    [InlineData("""{ "defaults": { "cores": 0 } }""", "defaults.cores: expected a whole number of at least 1, got 0")]
    [InlineData("""{ "defaults": { "jitter": 1e400 } }""", "defaults.jitter: expected 0 to 1, got 1e400")]
    [InlineData("""{ "defaults": { "upMegabitsPerSecond": 0 } }""", "defaults.upMegabitsPerSecond: expected 1E-09 to 1000000000000000, got 0")]
    [InlineData("""{ "stragglers": -1 }""", "scenario.stragglers: expected a whole number of at least 0, got -1")]
    [InlineData("""{ "stragglerSlowdown": 0.5 }""", "scenario.stragglerSlowdown: expected 1 to 1000000, got 0.5")]
    [InlineData("""{ "description": 1 }""", "scenario.description: expected a text, got a number")]
    [InlineData("null", "scenario: expected an object, got null")]
    public void A_wrong_setting_is_refused_in_one_line_that_names_its_place(string json, string expected) =>
        Assert.Equal(expected, Assert.Throws<ScenarioException>(() => Scenario.Parse(json)).Message);

    [Theory]
    [InlineData("")]
    [InlineData("{ \"stragglers\": 1 ")]
    [InlineData("{\n  \"stragglers\": 1\n  \"devices\": {} }")]
    [InlineData("{ \"stragglers\": 1, \"stragglers\": 2 }")]
    [InlineData("{ \"devices\": { \"\\ud800\": {} } }")]
    [InlineData("{ \"description\": \"\\ud800\" }")]
    [InlineData("{ \"a\\nb\": 1 }")]
    public void A_text_that_is_no_scenario_is_refused_in_one_line(string json) =>
        CheckOneLine(Assert.Throws<ScenarioException>(() => Scenario.Parse(json)));

    [Fact]
    public void A_file_that_is_not_there_or_wrong_is_named()
    {
        var path = Path.Combine(Path.GetTempPath(), $"streamlearn-scenario-{Environment.ProcessId}.json");
        Assert.Equal($"{path}: no such file", Assert.Throws<ScenarioException>(() => Scenario.Load(path)).Message);
        Assert.Throws<ScenarioException>(() => Scenario.Load(""));
        Assert.Throws<ScenarioException>(() => Scenario.Load(Path.GetTempPath()));
        Assert.Throws<ScenarioException>(() => Scenario.Load("a\0b"));
        try
        {
            File.WriteAllText(path, Example.Replace("\"cores\": 2", "\"cores\": -2", StringComparison.Ordinal));
            Assert.Equal($"{path}: defaults.cores: expected a whole number of at least 1, got -2",
                Assert.Throws<ScenarioException>(() => Scenario.Load(path)).Message);
            File.WriteAllText(path, Example);
            Assert.Equal(1, Scenario.Load(path).Stragglers);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Every_prefix_of_a_scenario_is_refused_in_one_line()
    {
        for (var length = 0; length < Example.TrimEnd().Length; length++)
        {
            CheckOneLine(Assert.Throws<ScenarioException>(() =>
            Scenario.Parse(Example[..length])));
        }
    }

    [Fact]
    public void Whatever_is_changed_in_a_scenario_it_is_refused_in_one_line_or_its_profiles_are_usable()
    {
        var changes = from place in Gen.Choose(0, Example.Length - 1)
                      from removed in Gen.Choose(0, 12)
                      from added in Gen.Elements("", "null", "-1", "0", "1e308", "1e-320", "\"x\"", "{}", "[]", ",", "}", "\\", "\u0001",
                          "\ud800", "true", "99999999999999999999", "\"cores\": 3,")
                      select (place, removed, added);
        var parsed = 0;

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(3_000).WithReplay(1, 1), Prop.ForAll(changes.ToArbitrary(), change =>
        {
            var end = Math.Min(Example.Length, change.place + change.removed);
            try
            {
                Use(Scenario.Parse(Example[..change.place] + change.added + Example[end..]));
                parsed++;
            }
            catch (ScenarioException e)
            {
                CheckOneLine(e);
            }
        }));

        Assert.True(parsed > 50, $"only {parsed} changed scenarios were still scenarios");
    }

    private static void Use(Scenario scenario)
    {
        using var world = new VirtualWorld();
        foreach (var (name, i) in new[] { "pump-1", "pump-2", "pump-3" }.Select((n, i) => (n, i)))
        {
            var (device, link) = scenario.ProfileOf(name, i, 1);
            world.Add(Pipeline.Define(name, p => p.Count(1, Ms(1)).Cost("work", 1000)
                .Publish(world.Transport("air"), "x", NumCodec.Plain)), device, link);
        }

        world.RunFor(TimeSpan.FromDays(1));
        Assert.All(world.Devices, d => Assert.Null(d.Failure));
    }

    private static void CheckOneLine(ScenarioException error)
    {
        Assert.DoesNotContain('\n', error.Message);
        Assert.DoesNotContain('\r', error.Message);
        Assert.DoesNotContain("   at ", error.Message, StringComparison.Ordinal);
        Assert.InRange(error.Message.Length, 10, 400);
    }
}
