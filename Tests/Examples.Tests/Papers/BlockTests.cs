using System.Buffers;
using StreamLearn.Learning;

namespace Examples.Tests;

/// <summary>The blocks of nodes and aggregator by themselves. Probes take up the state between calls.</summary>
public sealed class BlockTests
{
    private static readonly TauRows Digits = TauModel.Svm.Make(3_000, 1);

    [Fact]
    public void A_node_hands_in_its_rows_at_once_and_those_of_another_case_behind_an_alarm()
    {
        var rows = Enum.GetValues<DataCase>().ToImmutableSortedDictionary(static c => c, static c => Digits.Deal(c, 2)[0]);
        NodeRows own = new(TauModel.Svm, Digits, DataCase.Uniform, rows);
        using var probe = OperatorProbe.From<DemoCommand>((_, flow) => OperatorProbe.Use(flow.Via("digits", own,
            static (NodeRows of, OperatorContext context, IOutput<Batch> batches, IOutput<DriftAlarm> alarms) =>
                new RowsByCase(of, context, batches, alarms))));
        Assert.Equal([1000, 500], HandIn(probe));

        probe.Send(DemoCommand.SetDelay(5));
        Assert.Empty(HandIn(probe));

        probe.Send(DemoCommand.SetCase(DataCase.Replicated));
        Assert.Equal(DriftLevel.Drift, probe.Take<DriftAlarm>(1).Level);
        Assert.Equal(0, probe.Count());
        Assert.Equal([1000, 1000, 1000], HandIn(probe));
        Assert.Equal(3, probe.Metrics.Gauges["case"]);
        Assert.Equal(Enumerable.Range(0, 10).Select(static d => Digits.Kinds.Count(l => l == d)),
            RowsByCase.CountsOf(probe.Metrics.Gauges));
    }

    [Fact]
    public void A_case_that_is_set_while_another_is_handed_in_takes_its_place()
    {
        var rows = Enum.GetValues<DataCase>().ToImmutableSortedDictionary(static c => c, static c => Digits.Deal(c, 2)[0]);
        using var probe = OperatorProbe.From<DemoCommand>((_, flow) => OperatorProbe.Use(flow.Via("digits",
            new NodeRows(TauModel.Svm, Digits, DataCase.Replicated, rows),
            static (NodeRows of, OperatorContext context, IOutput<Batch> batches, IOutput<DriftAlarm> alarms) =>
                new RowsByCase(of, context, batches, alarms))));
        probe.WakeUp();
        probe.Take<Batch>().Dispose();

        probe.Send(DemoCommand.SetCase(DataCase.Uniform));

        probe.Take<DriftAlarm>(1);
        Assert.Equal([1000, 500], HandIn(probe));
    }

    [Fact]
    public void An_added_delay_holds_versions_and_keeps_their_order()
    {
        using var probe = OperatorProbe.From<Weights>((p, flow) => flow.Via("delay", new DelayOptions(10, TimeSpan.FromMilliseconds(100)),
            static (DelayOptions options, OperatorContext context, IOutput<Weights> output) =>
                new Delay(options, context, output))
            .ControlledBy(p.Input<DemoCommand>("commands")).Output("main"));
        probe.Send(Version(1));
        probe.Advance(TimeSpan.FromMilliseconds(60));
        probe.Control(DemoCommand.SetCase(DataCase.Mixed));
        probe.Control(DemoCommand.SetDelay(10));
        probe.Send(Version(2));
        probe.Advance(TimeSpan.FromMilliseconds(39));
        Assert.Equal(0, probe.Count());

        probe.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal([1, 2], probe.TakeAll<Weights>().Select(static v => v.Version));
        Assert.Equal(0.01, probe.Metrics.Gauges["added-s"]);

        probe.Control(DemoCommand.SetDelay(0));
        probe.Send(Version(3));
        Assert.Equal(3, probe.Take<Weights>().Version);
    }

    [Fact]
    public void Commands_come_back_from_their_bytes()
    {
        foreach (var command in new[] { DemoCommand.SetCase(DataCase.Mixed), DemoCommand.SetDelay(0), DemoCommand.SetDelay(60_000) })
        {
            var bytes = new ArrayBufferWriter<byte>();
            DemoCommand.Codec.Encode(command, bytes);

            Assert.True(DemoCommand.Codec.TryDecode(new(bytes.WrittenMemory), new BatchPool(), out var read));
            Assert.Equal(command, read);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("0100000005000000")]
    [InlineData("0100000000000000")]
    [InlineData("02000000FFFFFFFF")]
    [InlineData("0300000001000000")]
    public void Bytes_that_are_no_command_are_refused(string hex) =>
        Assert.False(DemoCommand.Codec.TryDecode(new(Convert.FromHexString(hex)), new BatchPool(), out _));

    private static Weights Version(long version) => TauModel.Svm.Model.Initial with { Version = version };

    /// <summary>Rows of the batches that come without time going by.</summary>
    private static List<int> HandIn(OperatorProbe probe)
    {
        List<int> rows = [];
        while (probe.WakeAt == probe.Now && probe.WakeUp())
        {
            foreach (var batch in probe.TakeAll<Batch>())
            {
                rows.Add(batch.Rows);
                batch.Dispose();
            }
        }

        return rows;
    }
}
