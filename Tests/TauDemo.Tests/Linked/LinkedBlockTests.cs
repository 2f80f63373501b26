using System.Buffers;
using System.Collections.Immutable;
using StreamLearn;
using StreamLearn.Learning;
using StreamLearn.Testing;

namespace TauDemo.Tests;

/// <summary>The blocks of a fleet over a server by themselves. Probes take up the state between calls.</summary>
public sealed class LinkedBlockTests
{
    private static readonly TauRows Digits = TauModel.Svm.Make(2_000, 1);

    [Fact]
    public void The_last_message_goes_again_each_second_until_another_one_follows()
    {
        using var probe = OperatorProbe.From<TauVersion>((_, flow) => flow.Via("again", new SendAgainOptions<TauVersion>(
            TimeSpan.FromSeconds(1), TauVersion.Codec),
            static (SendAgainOptions<TauVersion> options, OperatorContext context, IOutput<TauVersion> output) =>
                new SendAgain<TauVersion>(options, context, output)).Output("main"));
        probe.Send(Version(1));
        probe.Advance(TimeSpan.FromSeconds(2.5));
        Assert.Equal([1, 1, 1], Numbers(probe));

        probe.Send(Version(2));
        probe.Advance(TimeSpan.FromSeconds(0.9));
        Assert.Equal([2], Numbers(probe));
        probe.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal([2], Numbers(probe));

        probe.Complete();
        probe.Advance(TimeSpan.FromSeconds(10));
        Assert.Empty(Numbers(probe));
    }

    [Fact]
    public void What_its_sender_has_sent_before_is_dropped()
    {
        using var probe = OperatorProbe.From<WeightDelta>((_, flow) => flow.Via("once", new UnrepeatedOptions<WeightDelta>(MessagePlace.Of),
            static (UnrepeatedOptions<WeightDelta> options, OperatorContext context, IOutput<WeightDelta> output) =>
                new Unrepeated<WeightDelta>(options, context, output)).Output("main"));
        foreach (var (device, epoch, number) in new[]
        {
            ("b", 1, 1), ("a", 5, 7), ("b", 1, 1), ("a", 5, 6), ("b", 1, 2), ("a", 5, 7), ("b", 2, 1), ("b", 1, 3),
        })
        {
            probe.Send(Update(device, epoch, number));
        }

        Assert.Equal(["b/1/1", "a/5/7", "b/1/2", "b/2/1"],
            probe.TakeAll<WeightDelta>().Select(static u => $"{u.Device}/{u.Epoch}/{u.Sequence}"));
        Assert.Equal(4, probe.Metrics.Drops["repeated"]);
    }

    [Fact]
    public void Versions_carry_the_case_that_was_asked_for_last()
    {
        using var probe = OperatorProbe.From<Weights>((p, flow) => flow.Via("case", new WithCaseOptions(DataCase.Replicated),
            static (WithCaseOptions options, OperatorContext _, IOutput<TauVersion> output) => new WithCase(options, output))
            .ControlledBy(p.Input<DemoCommand>("commands")).Output("main"));
        probe.Send(Version(1).Weights);
        probe.Control(DemoCommand.SetCase(DataCase.ByLabel));
        probe.Control(DemoCommand.SetDelay(5));
        probe.Send(Version(2).Weights);

        Assert.Equal([DataCase.Replicated, DataCase.ByLabel], probe.TakeAll<TauVersion>().Select(static v => v.Case));
    }

    [Fact]
    public void A_case_that_comes_with_a_version_is_handed_in_behind_an_alarm()
    {
        var rows = Enum.GetValues<DataCase>().ToImmutableSortedDictionary(static c => c, static c => c.Deal(Digits, 2)[0]);
        List<string> came = [];
        using var probe = OperatorProbe.From<TauVersion>((_, flow) =>
        {
            NodeRows own = new(TauModel.Svm, Digits, DataCase.Uniform, rows.Remove(DataCase.Mixed));
            var (batches, alarms, versions) = flow.Via("rows", new RowsByVersionOptions(own),
                static (RowsByVersionOptions of, OperatorContext context, IOutput<Batch> batches, IOutput<DriftAlarm> alarms,
                    IOutput<Weights> versions) => new RowsByVersion(of.Own, context, batches, alarms, versions));
            batches.Output("main");
            alarms.Output("alarms");
            versions.Output("versions");
        });

        HandIn();
        Assert.Equal(["1000 rows"], came);
        Send(1, DataCase.Uniform);
        Assert.Equal(["version 1"], came);
        Send(2, DataCase.Replicated);
        Assert.Equal(["case 3", "version 2"], came);
        HandIn();
        Assert.Equal(["1000 rows", "1000 rows"], came);
        Send(3, DataCase.Mixed);
        Assert.Empty(came);
        Assert.Equal(1, probe.Metrics.Drops["unknown-case"]);

        void Send(long version, DataCase dataCase)
        {
            came.Clear();
            probe.Send(Version(version) with { Case = dataCase });
            Take();
        }

        void HandIn()
        {
            came.Clear();
            while (probe.WakeAt == probe.Now && probe.WakeUp()) { Take(); }
        }

        void Take()
        {
            came.AddRange(probe.TakeAll<DriftAlarm>(1).Select(static a => $"case {a.Row}"));
            came.AddRange(probe.TakeAll<Weights>(2).Select(static v => $"version {v.Version}"));
            foreach (var batch in probe.TakeAll<Batch>())
            {
                came.Add($"{batch.Rows} rows");
                batch.Dispose();
            }
        }
    }

    [Fact]
    public void A_version_with_its_case_comes_back_from_its_bytes()
    {
        var bytes = new ArrayBufferWriter<byte>();
        TauVersion.Codec.Encode(Version(7) with { Case = DataCase.Mixed }, bytes);

        Assert.True(TauVersion.Codec.TryDecode(new(bytes.WrittenMemory), new BatchPool(), out var read));
        Assert.Equal((7, DataCase.Mixed), (read.Weights.Version, read.Case));
        Assert.Equal(Version(7).Weights.Sha256(), read.Weights.Sha256());
        byte[] wrong = [5, .. bytes.WrittenSpan[1..]];
        Assert.All([[], [2], bytes.WrittenSpan[..^1].ToArray(), wrong],
            static (byte[] b) => Assert.False(TauVersion.Codec.TryDecode(new(b), new BatchPool(), out _)));
    }

    [Fact]
    public void A_sign_comes_back_from_its_bytes()
    {
        var sign = FleetSign.Of(FleetSignKind.Runs) with { Run = 3, Case = 4, TakesAllCases = true, Seed = 9 };

        Assert.Equal(sign, FleetSign.Read(new(sign.ToBytes())));
        Assert.All(["", "null", "{}", "[]", """{"kind": "Runs"}""", """{"kind": "Sleeps", "program": "a", "startedAt": 1}""",
            """{"kind": "Runs", "program": "a/b", "startedAt": 1}""", """{"kind": "Runs", "program": "a", "startedAt": 1, "case": 5}""",
            """{"kind": 9, "program": "a", "startedAt": 1}""", """{"kind": "Runs", "program": "a", "startedAt": 1, "run": -1}"""],
            static text => Assert.Null(FleetSign.Read(new(System.Text.Encoding.UTF8.GetBytes(text)))));
    }

    [Fact]
    public void Of_two_that_claim_a_name_both_say_which_goes_first()
    {
        var (early, late) = (new FleetSign(FleetSignKind.Runs, "b", 1), new FleetSign(FleetSignKind.Runs, "a", 2));
        Assert.True(early.GoesBefore(late));
        Assert.False(late.GoesBefore(early));
        Assert.True(late.GoesBefore(early with { StartedAt = 2 }));
        Assert.False((early with { StartedAt = 2 }).GoesBefore(late));
    }

    private static TauVersion Version(long version) => new(TauModel.Svm.Model.Initial with { Version = version }, DataCase.Uniform);

    private static WeightDelta Update(string device, long epoch, long sequence) => new()
    {
        Device = device,
        Epoch = epoch,
        Sequence = sequence,
        BaseVersion = 1,
        Samples = 1,
        SchemaHash = 1,
        Values = [1],
    };

    private static List<long> Numbers(OperatorProbe probe) => [.. probe.TakeAll<TauVersion>().Select(static v => v.Weights.Version)];
}
