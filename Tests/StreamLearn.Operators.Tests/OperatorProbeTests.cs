namespace StreamLearn.Operators.Tests;

public sealed class OperatorProbeTests
{
    [Fact]
    public void A_probe_finds_a_batch_that_its_block_lost()
    {
        var probe = OperatorProbe.Of<Batch, string>(f => f.Map("loses", b => "lost"));
        probe.Send(Batches.OfChannels(probe.Pool, [1f]));
        var error = Assert.Throws<InvalidOperationException>(probe.Dispose);
        Assert.Contains("'loses' ended with batches still rented: 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_probe_wakes_its_block_at_the_time_it_asked_for()
    {
        using var probe = Echo();
        probe.Send("a");
        probe.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, probe.Count());
        probe.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(["a at 2", "again at 4"], probe.TakeAll<string>());
        Assert.Equal(OperatorProbe.Start.AddSeconds(10), probe.Now);
    }

    [Fact]
    public void A_probe_sends_control_messages_to_the_input_of_their_type()
    {
        using var probe = Echo();
        probe.Control(new Version(1, 2));
        Assert.Equal("1.2", probe.Take<string>());
        Assert.Throws<InvalidOperationException>(() => probe.Control("text"));
    }

    [Fact]
    public void A_probe_refuses_data_for_a_closed_input()
    {
        using var probe = Echo();
        probe.Control(new Version(0, 0));
        Assert.Throws<InvalidOperationException>(() => probe.Send("a"));
    }

    [Fact]
    public void Batches_differ_by_schema_rows_missing_values_and_bits()
    {
        var pool = new BatchPool(guard: true);
        var schema = new Schema(Field.Label());
        using var batch = Batches.Of(pool, schema, new int?[] { 1, null });
        foreach (var other in new[] { Batches.Of(pool, schema, new int?[] { 1, 0 }),
            Batches.Of(pool, schema, new int?[] { 1 }), Batches.OfChannels(pool, [1f, 2f]) })
        {
            Assert.NotNull(Batches.Difference(batch, other));
            Assert.NotEqual(Batches.Hash(batch), Batches.Hash(other));
        }

        using var same = Batches.Of(pool, schema, new int?[] { 1, null });
        same["label"].Writable<int>()[1] = 77;                    // under a missing value
        Assert.True(Batches.AreEqual(batch, same));
        Assert.Equal(Batches.Hash(batch), Batches.Hash(same));
    }

    private static OperatorProbe Echo() => OperatorProbe.From<string>((p, flow) =>
        flow.Via("echo", "no options",
            static (string _, OperatorContext context, IOutput<string> output) => new EchoOperator(context, output))
            .ControlledBy(p.Input<Version>("versions"))
            .Output("main"));

    private sealed class EchoOperator(OperatorContext context, IOutput<string> output) : Operator<string>, IControlledBy<Version>
    {
        private string _held = "";
        private bool _closed;
        public override bool Ready => !_closed;

        public override void Process(string input)
        {
            _held = input;
            context.WakeAt(context.Now.AddSeconds(2));
        }

        public override void WakeUp()
        {
            output.Emit($"{_held} at {(context.Now - OperatorProbe.Start).TotalSeconds}");
            if (_held != "again") { context.WakeAt(context.Now.AddSeconds(2)); }
            _held = "again";
        }

        public void Control(Version message)
        {
            _closed = message.Major == 0;
            output.Emit(message.ToString());
        }
    }
}
