using FsCheck;
using FsCheck.Fluent;

namespace StreamLearn.Simulation.Tests;

public sealed class ScenarioTests
{
    private const string Example = """
        {
          // Two slow ones, one of them with a bad link.
          "description": "a fleet",
          "defaults": { "megaMultiplyAddsPerSecond": 50, "cores": 2, "jitter": 0.1,
            "upMegabitsPerSecond": 1.5, "downMegabitsPerSecond": 6, "delayMilliseconds": 20, },
          "speedSpread": 0.5,
          "stragglers": 1,
          "stragglerSlowdown": 4,
          "replaySpeed": 8, "randomPhase": true, "runSeconds": 250.5,
          "failures": [{ "atSeconds": 3, "device": "#2", "kind": "crash" }, { "atSeconds": 4.5, "device": "#2", "kind": "rejoin" },
            { "atSeconds": 4.5, "device": "pump-1", "kind": "leave" }],
          "faults": [{ "device": "#1", "kind": "stuck", "channel": "acc x" }, { "device": "pump-2", "kind": "clock", "aheadSeconds": -60 }],
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
    public void A_link_may_vary_lose_and_change()
    {
        var scenario = Scenario.Parse("""
            { "defaults": { "jitter": 0.5, "leastJitter": 0.01, "delayMilliseconds": 20, "delayDeviationMilliseconds": 5, "loss": 0.02 },
              "devices": { "#1": { "delayTrace": [{ "atSeconds": 5, "delayMilliseconds": 300 }],
                "rateTrace": [{ "atSeconds": 2, "rate": 0.5 }], "loss": 0 } } }
            """);

        var (device, link) = scenario.ProfileOf("a", 0, seed: 3);
        Assert.Equal((0.5, 0.01), (device.Jitter, device.LeastJitter));
        Assert.Equal(new LinkProfile { Delay = Ms(20), DelayDeviation = Ms(5), Loss = 0.02 }, link);
        Assert.Equal(
            new LinkProfile
            {
                Delay = Ms(20),
                DelayDeviation = Ms(5),
                DelayTrace = [new(TimeSpan.FromSeconds(5), Ms(300))],
                RateTrace = [new(TimeSpan.FromSeconds(2), 0.5)],
            },
            scenario.ProfileOf("b", 1, seed: 3).Link);
    }

    [Fact]
    public void What_a_device_draws_is_its_own_or_that_of_all()
    {
        var scenario = Scenario.Parse("""
            { "defaults": { "power": { "idleWatts": 0.5, "computingWatts": 2.5, "sendingWatts": 1, "receivingWatts": 0.8,
                "joulesPerBit": 1e-9, "tailMilliseconds": 200 } },
              "devices": { "#1": { "power": { "idleWatts": 1 } } } }
            """);

        Assert.Equal(
            new PowerProfile
            {
                IdleWatts = 0.5,
                ComputingWatts = 2.5,
                SendingWatts = 1,
                ReceivingWatts = 0.8,
                JoulesPerBit = 1e-9,
                Tail = Ms(200),
            },
            scenario.ProfileOf("a", 0, seed: 3).Device.Power);
        Assert.Equal(new PowerProfile { IdleWatts = 1 }, scenario.ProfileOf("b", 1, seed: 3).Device.Power);
        Assert.Equal(PowerProfile.None, Scenario.Parse("{}").ProfileOf("a", 0, seed: 3).Device.Power);
    }

    [Fact]
    public void The_first_devices_are_slow_unless_their_own_speed_is_given()
    {
        var scenario = Scenario.Parse(
            """{ "defaults": { "speed": 2 }, "stragglers": 2, "stragglerSlowdown": 4, "devices": { "b": { "speed": 3 } } }""");
        Assert.Equal([0.5, 3, 2], new[] { "a", "b", "c" }.Select((name, i) => scenario.ProfileOf(name, i, 1).Device.Speed));
    }

    [Fact]
    public void Devices_are_named_by_name_or_by_place()
    {
        var scenario = Scenario.Parse("""
            { "stragglers": ["#1", "d"], "stragglerSlowdown": 4,
              "devices": { "#2": { "speed": 3, "cores": 2 }, "c": { "speed": 5 }, "#0": { "jitter": 0.5 } } }
            """);
        var profiles = new[] { "a", "b", "c", "d" }.Select((name, i) => scenario.ProfileOf(name, i, 1).Device).ToList();
        Assert.Equal([1, 0.25, 5, 0.25], profiles.Select(p => p.Speed));
        Assert.Equal([1, 1, 2, 1], profiles.Select(p => p.Cores));
        Assert.Equal([0.5, 0, 0, 0], profiles.Select(p => p.Jitter));
        Assert.Equal([false, true, false, true], new[] { "a", "b", "c", "d" }.Select(scenario.IsStraggler));
    }

    [Fact]
    public void What_happens_to_devices_and_sensors_is_read_and_said_in_words()
    {
        var scenario = Scenario.Parse(Example);

        Assert.Equal((8, true, 250.5), (scenario.ReplaySpeed, scenario.RandomPhase, scenario.RunSeconds));
        Assert.Equal(
            [new(3, "#2", FailureKind.Crash), new(4.5, "#2", FailureKind.Rejoin), new(4.5, "pump-1", FailureKind.Leave)],
            scenario.Failures);
        Assert.Equal(["crashes at 3 s", "rejoins at 4.5 s", "leaves at 4.5 s"], scenario.Failures.Select(f => f.ToString()));
        Assert.Equal([true, true, false], scenario.Failures.Select(f => f.Hits("pump-3", 2)));
        Assert.Equal("'acc x' stuck, clock 60 s behind", string.Join(", ", scenario.FaultsOf("pump-2", 1)));
        Assert.Empty(scenario.FaultsOf("pump-1", 0));
        Assert.Equal((false, "acc x", 0, 0),
            (scenario.Faults[0].IsClock, scenario.Faults[0].Channel, scenario.Faults[0].FromSeconds, scenario.Faults[0].AheadSeconds));
        Assert.Equal(("pump-2", true, "", -60),
            (scenario.Faults[1].Device, scenario.Faults[1].IsClock, scenario.Faults[1].Channel, scenario.Faults[1].AheadSeconds));
    }

    [Fact]
    public void Phases_are_drawn_for_each_device_where_the_scenario_asks_for_them()
    {
        var (random, plain) = (Scenario.Parse("""{ "randomPhase": true }"""), Scenario.Parse("{}"));
        var phases = Enumerable.Range(0, 200).Select(i => random.PhaseOf($"d{i}", 3)).ToList();
        Assert.Equal(phases, Enumerable.Range(0, 200).Select(i => random.PhaseOf($"d{i}", 3)));
        Assert.All(phases, p => Assert.InRange(p, 0, 0.999999));
        Assert.InRange(phases.Average(), 0.42, 0.58);
        Assert.NotEqual(random.PhaseOf("d0", 4), phases[0]);
        Assert.Equal(0, plain.PhaseOf("d0", 3));
        Assert.Equal((1, false, null), (plain.ReplaySpeed, plain.RandomPhase, plain.RunSeconds));
    }

    /// <summary>What the quickstart is measured in; <c>har-fleet.md</c> of the specification says each number.</summary>
    [Theory, InlineData("straggler.json", 0, 0)]
    [InlineData("faults.json", 2, 2)]
    public void The_quickstarts_worlds_are_those_that_were_measured(string file, int faults, int failures)
    {
        var scenario = Scenario.Load(Path.Combine(Examples(), file));

        Assert.Equal((8, true), (scenario.ReplaySpeed, scenario.RandomPhase));
        Assert.Equal((faults, failures), (scenario.Faults.Count, scenario.Failures.Count));
        var profiles = Enumerable.Range(0, 21).Select(i => scenario.ProfileOf($"device-{i}", i, 5)).ToList();
        Assert.All(profiles, p => Assert.Equal((12.5e6, 0.05, 2e6, 2e6, Ms(30)), (p.Device.MultiplyAddsPerSecond, p.Device.Jitter,
            p.Link.UpBitsPerSecond, p.Link.DownBitsPerSecond, p.Link.Delay)));
        var speeds = Enumerable.Range(0, 21)
            .Select(i => Math.Exp(0.1 * new RandomStream(5, "speed", $"device-{i}").NextGaussian()) / (i == 0 ? 10 : 1));
        Assert.Equal(speeds, profiles.Select(p => p.Device.Speed));
        Assert.Equal(1, Enumerable.Range(0, 21).Count(i => scenario.IsStraggler($"device-{i}", i)));
        var broken = Enumerable.Range(0, 21).Where(i => scenario.FaultsOf($"device-{i}", i).Any()).ToList();
        var crashing = Enumerable.Range(0, 21).Where(i => scenario.Failures.Any(f => f.Hits($"device-{i}", i))).ToList();
        Assert.Equal((faults, faults == 0 ? 0 : 1), (broken.Count, crashing.Count));
        Assert.DoesNotContain(0, broken.Concat(crashing));      // the straggler has no other fault
        Assert.Empty(broken.Intersect(crashing));
    }

    [Fact]
    public void An_empty_scenario_has_the_default_speed_and_links_without_limit()
    {
        var (device, link) = Scenario.Parse("{}").ProfileOf("a", 0, 1);
        Assert.Equal((new DeviceProfile { MultiplyAddsPerSecond = 12.5e6 }, LinkProfile.Unlimited), (device, link));
    }

    [Theory]
    [InlineData("""{ "speedSpraed": 1 }""",
        "scenario: unknown key 'speedSpraed', expected one of description, defaults, speedSpread, stragglers, "
            + "stragglerSlowdown, devices, replaySpeed, randomPhase, runSeconds, failures, faults")]
    [InlineData("""{ "defaults": { "Cores": 1 } }""",
        "defaults: unknown key 'Cores', expected one of megaMultiplyAddsPerSecond, speed, speedTrace, "
            + "cores, jitter, leastJitter, upMegabitsPerSecond, downMegabitsPerSecond, delayMilliseconds, delayDeviationMilliseconds, "
            + "delayTrace, rateTrace, loss, outages, power")]
    [InlineData("""{ "defaults": { "power": { "watts": 1 } } }""",
        "defaults.power: unknown key 'watts', expected one of idleWatts, computingWatts, sendingWatts, receivingWatts, joulesPerBit, "
            + "tailMilliseconds")]
    [InlineData("""{ "devices": { "a": { "power": { "idleWatts": -1 } } } }""", "devices.a.power.idleWatts: expected 0 to 1000000, got -1")]
    [InlineData("""{ "defaults": { "speed": "fast" } }""", "defaults.speed: expected a number, got a string")]
    [InlineData("""{ "defaults": null }""", "defaults: expected an object, got null")]
    [InlineData("""{ "devices": { "a": null } }""", "devices.a: expected an object, got null")]
    [InlineData("""{ "devices": [] }""", "devices: expected an object, got a list")]
    [InlineData("""{ "devices": { "a": { "speedTrace": [null] } } }""", "devices.a.speedTrace[0]: expected an object, got null")]
    [InlineData("""{ "defaults": { "speedTrace": [{ "atSeconds": 2, "speed": 1 }, { "atSeconds": 1, "speed": 1 }] } }""",
        "defaults.speedTrace[1].atSeconds: expected 2 to 1000000000, got 1")]
    [InlineData("""{ "defaults": { "speedTrace": [{ "atSeconds": 2 }] } }""", "defaults.speedTrace[0]: 'speed' is missing")]
    [InlineData("""{ "defaults": { "outages": [{ "fromSeconds": 5, "toSeconds": 4 }] } }""",
        "defaults.outages[0].toSeconds: expected 5.000001 to 1000000001, got 4")]
    [InlineData("""{ "defaults": { "loss": 1 } }""", "defaults.loss: expected 0 to 0.999, got 1")]
    [InlineData("""{ "defaults": { "delayTrace": [{ "atSeconds": 2, "delay": 1 }] } }""",
        "defaults.delayTrace[0]: unknown key 'delay', expected one of atSeconds, delayMilliseconds")]
    [InlineData("""{ "defaults": { "cores": 1.5 } }""", "defaults.cores: expected a whole number of at least 1, got 1.5")]
    [InlineData("""{ "defaults": { "cores": 0 } }""", "defaults.cores: expected a whole number of at least 1, got 0")]
    [InlineData("""{ "defaults": { "jitter": 1e400 } }""", "defaults.jitter: expected 0 to 1, got 1e400")]
    [InlineData("""{ "defaults": { "upMegabitsPerSecond": 0 } }""",
        "defaults.upMegabitsPerSecond: expected 1E-09 to 1000000000000000, got 0")]
    [InlineData("""{ "stragglers": -1 }""", "scenario.stragglers: expected a whole number of at least 0, got -1")]
    [InlineData("""{ "stragglerSlowdown": 0.5 }""", "scenario.stragglerSlowdown: expected 1 to 1000000, got 0.5")]
    [InlineData("""{ "stragglers": ["#1", 2] }""", "scenario.stragglers[1]: expected a string, got a number")]
    [InlineData("""{ "replaySpeed": 0 }""", "scenario.replaySpeed: expected 0.001 to 1000000, got 0")]
    [InlineData("""{ "randomPhase": 1 }""", "scenario.randomPhase: expected true or false, got a number")]
    [InlineData("""{ "runSeconds": -1 }""", "scenario.runSeconds: expected 0.001 to 1000000000, got -1")]
    [InlineData("""{ "failures": {} }""", "failures: expected a list, got an object")]
    [InlineData("""{ "failures": [{ "atSeconds": 1, "device": "a", "kind": "explode" }] }""",
        "failures[0].kind: expected one of crash, leave, rejoin, move, got 'explode'")]
    [InlineData("""{ "failures": [{ "atSeconds": 1, "device": "a", "kind": "move" }] }""", "failures[0]: 'to' is missing")]
    [InlineData("""{ "failures": [{ "atSeconds": 1, "device": "a", "kind": "crash", "to": "b" }] }""",
        "failures[0]: unknown key 'to', expected one of atSeconds, device, kind")]
    [InlineData("""{ "failures": [{ "atSeconds": 1, "device": "a", "kind": "move", "to": 2 }] }""",
        "failures[0].to: expected a string, got a number")]
    [InlineData("""{ "failures": [{ "atSeconds": 1, "device": "a", "kind": "move", "to": "a" }] }""",
        "failures[0].to: expected another place than where 'a' is, got 'a'")]
    [InlineData("""
        { "failures": [{ "atSeconds": 1, "device": "a", "kind": "move", "to": "b" }, { "atSeconds": 2, "device": "a", "kind": "crash" },
          { "atSeconds": 3, "device": "a", "kind": "move", "to": "c" }] }
        """, "failures[2].kind: 'a' is gone, and can only rejoin")]
    [InlineData("""
        { "failures": [{ "atSeconds": 1, "device": "a", "kind": "move", "to": "b" }, { "atSeconds": 2, "device": "a", "kind": "crash" },
          { "atSeconds": 3, "device": "a", "kind": "rejoin" }, { "atSeconds": 3, "device": "a", "kind": "move", "to": "b" }] }
        """, "failures[3].to: expected another place than where 'a' is, got 'b'")]
    [InlineData("""{ "failures": [{ "atSeconds": 1, "kind": "crash" }] }""", "failures[0]: 'device' is missing")]
    [InlineData("""{ "failures": [{ "device": "a", "kind": "crash" }] }""", "failures[0]: 'atSeconds' is missing")]
    [InlineData("""{ "failures": [{ "atSeconds": 1, "device": "a", "kind": "rejoin" }] }""",
        "failures[0].kind: 'a' is there, and can only rejoin after it crashed or left")]
    [InlineData(
        """{ "failures": [{ "atSeconds": 2, "device": "a", "kind": "crash" }, { "atSeconds": 3, "device": "a", "kind": "leave" }] }""",
        "failures[1].kind: 'a' is gone, and can only rejoin")]
    [InlineData(
        """{ "failures": [{ "atSeconds": 2, "device": "a", "kind": "crash" }, { "atSeconds": 1, "device": "b", "kind": "crash" }] }""",
        "failures[1].atSeconds: expected 2 to 1000000000, got 1")]
    [InlineData("""{ "faults": [{ "device": "a", "kind": "stuck" }] }""", "faults[0]: 'channel' is missing")]
    [InlineData("""{ "faults": [{ "device": "a", "kind": "clock" }] }""", "faults[0]: 'aheadSeconds' is missing")]
    [InlineData("""{ "faults": [{ "device": "a", "kind": "clock", "aheadSeconds": 1, "channel": "x" }] }""",
        "faults[0]: unknown key 'channel', expected one of device, kind, aheadSeconds")]
    [InlineData("""{ "faults": [null] }""", "faults[0]: expected an object, got null")]
    [InlineData("""{ "faults": [{ "device": "", "kind": "clock", "aheadSeconds": 1 }] }""", "faults[0]: 'device' is missing")]
    [InlineData("""{ "description": 1 }""", "scenario.description: expected a string, got a number")]
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
        finally { File.Delete(path); }
    }

    [Fact]
    public void Every_prefix_of_a_scenario_is_refused_in_one_line()
    {
        for (var length = 0; length < Example.TrimEnd().Length; length++)
        {
            CheckOneLine(Assert.Throws<ScenarioException>(() => Scenario.Parse(Example[..length])));
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
            catch (ScenarioException e) { CheckOneLine(e); }
        }));
        Assert.True(parsed > 50, $"only {parsed} changed scenarios were still scenarios");
    }

    private static string Examples()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!Directory.Exists(Path.Combine(folder.FullName, "Examples"))) { folder = folder.Parent!; }
        return Path.Combine(folder.FullName, "Examples", "Quickstart");
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
