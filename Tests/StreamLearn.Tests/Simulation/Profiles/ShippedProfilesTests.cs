using StreamLearn.Samples;

namespace StreamLearn.Simulation.Tests;

public sealed class ShippedProfilesTests
{
    private static readonly double[] Pi3Forward = [.8615, .9475, 1.4471, 1.4670, 1.6472, 1.7772, 1.8515];
    private static readonly double[] Pi3Backward = [.4920, .5453, 1.5310, 1.4755, 1.9282, 2.0050, 2.0915];
    private static readonly double[] NanoForward = [.00935, .01496, .01994, .02016, .04313, .10707, .12375];
    private static readonly double[] NanoBackward = [.01922, .01168, .01646, .02846, .02261, .09011, .08125];

    [Fact]
    public void The_tables_are_those_of_the_specification_for_one_row_of_a_hundred()
    {
        Expect(Vgg5Times.Pi3, Pi3Forward, Pi3Backward, 1);
        Expect(Vgg5Times.NanoMaxn, NanoForward, NanoBackward, 1);
        Expect(Vgg5Times.Nano5w, NanoForward, NanoBackward, 1.75);
        Expect(Vgg5Times.NanoCustom, NanoForward, NanoBackward, 3.5);
        Expect(Vgg5Times.EdgeServer, Pi3Forward, Pi3Backward, .15 / 3.943);

        static void Expect(LayerTimes times, double[] forward, double[] backward, double factor)
        {
            Assert.Equal(forward.Select(t => t * factor / 100), times.Forward, (a, b) => Math.Abs(a - b) <= 1e-15);
            Assert.Equal(backward.Select(t => t * factor / 100), times.Backward, (a, b) => Math.Abs(a - b) <= 1e-15);
        }
    }

    [Fact]
    public void Each_device_has_its_table_and_its_powers()
    {
        Expect(DeviceProfile.Pi3, Vgg5Times.Pi3, 3.8, 1.1, .8);
        Expect(DeviceProfile.NanoMaxn, Vgg5Times.NanoMaxn, 7.253, 2.320, 2.260);
        Expect(DeviceProfile.Nano5w, Vgg5Times.Nano5w, 4.205, 1.917, 1.912);
        Expect(DeviceProfile.NanoCustom, Vgg5Times.NanoCustom, 2.396, 1.754, 1.755);
        Expect(DeviceProfile.EdgeServer, Vgg5Times.EdgeServer, 0, 0, 0);

        static void Expect(DeviceProfile device, LayerTimes times, double computing, double sending, double receiving)
        {
            Assert.Same(times, device.LayerTimes);
            Assert.Equal(new() { ComputingWatts = computing, SendingWatts = sending, ReceivingWatts = receiving }, device.Power);
            Assert.Equal(device, device.Checked());
        }
    }

    [Fact]
    public void Other_layers_go_at_the_rate_of_a_step()
    {
        Assert.Equal(3 * 8_488_192 / .03943, DeviceProfile.Pi3.MultiplyAddsPerSecond, 1e-3);
        Assert.Equal(3 * 8_488_192 / .0015, DeviceProfile.EdgeServer.MultiplyAddsPerSecond, 1e-3);
    }

    [Theory]
    [InlineData(75, nameof(LinkProfile.NanoWifi))]
    [InlineData(40, nameof(LinkProfile.PiWifi))]
    [InlineData(15, nameof(LinkProfile.PiWifiShaped))]
    [InlineData(20, nameof(LinkProfile.Shaped))]
    [InlineData(10, nameof(LinkProfile.FedAdaptSlide))]
    [InlineData(5, nameof(LinkProfile.FedAdaptCode))]
    public void Links_are_as_fast_in_both_directions(double megabits, string name)
    {
        var link = (LinkProfile)typeof(LinkProfile).GetProperty(name)!.GetValue(null)!;
        Assert.Equal(new() { UpBitsPerSecond = megabits * 1e6, DownBitsPerSecond = megabits * 1e6 }, link);
    }

    [Fact]
    public void The_table_of_the_librarys_own_network_has_both_dense_layers_in_one()
    {
        var own = Vgg5Times.Pi3.Without(5);
        Assert.Equal(ReferenceModels.Vgg5().Layers.Length, own.Count);
        Assert.Equal(.018515, own.ForwardSeconds(0, 6), 1e-15);
        Assert.Equal(.016472, own.ForwardSeconds(0, 5), 1e-15);
        Assert.Equal(Vgg5Times.Pi3.Seconds(5, 7), own.Seconds(5, 6), 1e-15);
        Assert.Throws<ArgumentOutOfRangeException>(() => Vgg5Times.Pi3.Without(6));
        Assert.Throws<ArgumentOutOfRangeException>(() => Vgg5Times.Pi3.Without(-1));
    }

    /// <summary>What the specification works out from them: a Pi that keeps two layers over 40 Mbit/s, one byte a value.</summary>
    [Fact]
    public void They_give_the_time_and_energy_of_a_batch_that_the_specification_states()
    {
        var (pi, link) = (DeviceProfile.Pi3, LinkProfile.PiWifi);
        var device = 100 * pi.LayerTimes!.Seconds(0, 2);
        var server = 100 * Vgg5Times.EdgeServer.Seconds(2, 7);
        var transfer = 8 * 8192 * 100 / link.UpBitsPerSecond;
        var local = 100 * pi.LayerTimes.Seconds(0, 7);

        Assert.Equal(1.91, Math.Round(device + server + (2 * transfer), 2));
        Assert.Equal(5.98, Math.Round(new EnergyMeter
        {
            Computing = TimeSpan.FromSeconds(device),
            Sending = TimeSpan.FromSeconds(transfer),
            Receiving = TimeSpan.FromSeconds(transfer),
        }.Joules(pi.Power), 2));
        Assert.Equal((3.94, 14.98), (Math.Round(local, 2), Math.Round(local * pi.Power.ComputingWatts, 2)));
    }
}
