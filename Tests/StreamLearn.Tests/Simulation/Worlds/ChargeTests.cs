namespace StreamLearn.Simulation.Tests;

public sealed class ChargeTests
{
    private static readonly DeviceProfile Slow = new() { MultiplyAddsPerSecond = 1_000_000 };      // 1,000 multiply-adds a millisecond
    private static readonly LayerTimes Table = new([.001, .003, .006], [.002, .007, .005]);          // the last one is noise

    [Fact]
    public void Known_time_is_added_to_that_of_the_multiply_adds()
    {
        var device = Run(Slow, static c =>
        {
            c.Charge(30_000);
            c.Charge(Ms(12.5));
            c.Charge(Ms(.5));
        });
        Assert.Equal(Ms(43), device.EndedAt);
        Assert.Equal(Ms(43), device.Metrics["work"].Busy);
        Assert.Equal(30_000, device.Metrics["work"].MultiplyAdds);
    }

    [Fact]
    public void Known_time_passes_also_on_a_device_without_a_rate()
    {
        Assert.Equal(Ms(7), Run(DeviceProfile.Unlimited, static c => c.Charge(Ms(7))).EndedAt);
        Assert.Equal(TimeSpan.Zero, Run(DeviceProfile.Unlimited, static c => c.Charge(TimeSpan.Zero)).EndedAt);
    }

    [Fact]
    public void Known_time_is_that_at_speed_one()
    {
        Assert.Equal(Ms(40), Run(Slow with { Speed = .25 }, static c => c.Charge(Ms(10))).EndedAt);
        Assert.Equal(Ms(5), Run(Slow with { SpeedTrace = [new(TimeSpan.Zero, 2)] }, static c => c.Charge(Ms(10))).EndedAt);
    }

    [Fact]
    public void Jitter_is_the_same_for_work_in_seconds_and_in_multiply_adds()
    {
        var jittery = Slow with { Jitter = .3 };

        var seconds = Run(jittery, static c => c.Charge(Ms(10)), count: 20).Busy;
        var work = Run(jittery, static c => c.Charge(10_000), count: 20).Busy;
        var both = Run(jittery, static c =>
        {
            c.Charge(5_000);
            c.Charge(Ms(5));
        }, count: 20).Busy;

        Assert.NotEqual(Ms(200), work);
        Assert.Equal(work, seconds);
        Assert.Equal(work, both);
    }

    [Theory]
    [InlineData(0, 3, false, 60)]
    [InlineData(0, 1, true, 20)]
    [InlineData(1, 2, false, 20)]
    [InlineData(1, 2, true, 50)]
    [InlineData(2, 3, true, 0)]         // never below 0
    [InlineData(2, 2, false, 0)]
    [InlineData(2, 4, false, 90)]       // layer 3 is not in the table: by multiply-adds
    [InlineData(3, 5, true, 90)]
    public void Layers_take_the_time_of_the_table_as_far_as_it_goes(int first, int end, bool backward, double milliseconds)
    {
        var device = Run(Slow with { LayerTimes = Table }, c => c.ChargeLayers(first, end, 10, backward, 90_000));
        Assert.Equal(Ms(milliseconds), device.EndedAt);
        Assert.Equal(90_000, device.Metrics["work"].MultiplyAdds);
    }

    [Fact]
    public void Layers_take_the_time_of_their_multiply_adds_where_there_is_no_table() =>
        Assert.Equal(Ms(90), Run(Slow, static c => c.ChargeLayers(0, 3, 10, false, 90_000)).EndedAt);

    [Fact]
    public void What_blocks_charge_for_their_keys_is_charged_to_the_outer_block()
    {
        var (world, device) = (new VirtualWorld(), default(VirtualDevice));
        using (world)
        {
            device = world.Add(Pipeline.Define("a", static p => p
                .From("keys", 3L, static (long n, OperatorContext context) => new KeyedPulses(n, context))
                .PerKey("key", static rows => rows.Map<Batch, Batch>("work", static (batch, context) =>
                {
                    context.ChargeLayers(0, 1, 10, false, 50_000);
                    context.Charge(Ms(1));
                    context.Charge(2_000);
                    return batch;
                })).Discard()), Slow with { LayerTimes = Table });
            world.RunToEnd();
        }
        Assert.Null(device.Failure);
        Assert.Equal(3 * Ms(13), device.Busy);
        Assert.Equal(3 * 52_000, device.Metrics.Blocks.Sum(static b => b.MultiplyAdds));
    }

    [Fact]
    public void A_charge_that_makes_no_sense_fails_the_block()
    {
        Assert.IsType<ArgumentOutOfRangeException>(Run(Slow, static c => c.Charge(-Ms(1))).Failure?.InnerException);
        Assert.IsType<ArgumentOutOfRangeException>(Run(Slow, static c => c.ChargeLayers(2, 1, 1, false, 1)).Failure?.InnerException);
        Assert.IsType<ArgumentOutOfRangeException>(Run(Slow, static c => c.ChargeLayers(0, 1, -1, false, 1)).Failure?.InnerException);
    }

    [Fact]
    public void A_table_that_makes_no_sense_is_refused()
    {
        using var world = new VirtualWorld();
        Refused(new([1, 2], [1]), "the same number of times backward and forward, got 1");
        Refused(new([1, double.NaN], [1, 2]), "seconds of 0 or more, got NaN");
        Refused(new([1], [-1]), "seconds of 0 or more, got -1");
        Refused(new(default, [1]), "times forward and backward, got none");

        void Refused(LayerTimes times, string message) =>
            Assert.Contains(message, Assert.Throws<ArgumentOutOfRangeException>(() =>
                world.Add(Pipeline.Define("a", static p => p.Count(1, Ms(1)).Discard()), Slow with { LayerTimes = times })).Message,
                StringComparison.Ordinal);
    }

    private static VirtualDevice Run(DeviceProfile profile, Action<OperatorContext> charge, long count = 1)
    {
        using var world = new VirtualWorld(new() { Seed = 7 });
        var device = world.Add(Pipeline.Define("a", p => p.Count(count, Ms(1000)).Map<Num, Num>("work", (item, context) =>
        {
            charge(context);
            return item;
        }).Discard()), profile);
        world.RunToEnd();
        return device;
    }

    private sealed class KeyedPulses(long count, OperatorContext context) : Source<Batch>
    {
        private static readonly Schema Columns = new([new("key", ColumnType.Int32, Unit.One), Field.Channel("c0", Unit.One)]);
        private int _made;
        public override DateTimeOffset? NextAt => _made < count ? new WorldOptions().Start + (Ms(1000) * _made) : null;

        public override Batch Next()
        {
            var batch = context.Pool.Rent(Columns, 1);
            batch["key"].Writable<int>()[0] = _made;
            batch["c0"].Writable<float>()[0] = _made++;
            return batch;
        }
    }
}
