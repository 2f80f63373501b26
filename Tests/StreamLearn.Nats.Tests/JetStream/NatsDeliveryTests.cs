namespace StreamLearn.Nats.Tests;

/// <summary>What a consumer says of a message in the subject of its acknowledgement.</summary>
public sealed class NatsDeliveryTests
{
    [Theory]
    [InlineData("$JS.ACK.s.c.2.30.4.1700000000123456789.5")]
    [InlineData("$JS.ACK._.hash.s.c.2.30.4.1700000000123456789.5")]
    [InlineData("$JS.ACK.hub.hash.s.c.2.30.4.1700000000123456789.5.random")]
    public void All_forms_are_read(string subject)
    {
        Assert.True(NatsDelivery.TryParse(subject, out var delivery));
        Assert.Equal(new(30, 4, 2, 1700000000123456789, 5), delivery);
    }

    [Theory]
    [InlineData("")]
    [InlineData("$JS.ACK")]
    [InlineData("$JS.NAK.s.c.2.30.4.1700000000123456789.5")]
    [InlineData("$JS.ACK.s.c.2.30.4.1700000000123456789")]
    [InlineData("$JS.ACK.s.c.2.30.4.1700000000123456789.5.6")]
    [InlineData("$JS.ACK._.hash.s.c.2.30.4.1700000000123456789.5.a.b")]
    [InlineData("$JS.ACK.s.c.2.3x.4.1700000000123456789.5")]
    [InlineData("$JS.ACK.s.c.2.-30.4.1700000000123456789.5")]
    [InlineData("$JS.ACK.s.c.2..4.1700000000123456789.5")]
    [InlineData("$JS.ACK.s.c.2.30.4.9223372036854775808.5")]
    [InlineData("$JS.ACK.s.c.2.30.4.1.18446744073709551616")]
    public void Anything_else_is_refused(string subject)
    {
        Assert.False(NatsDelivery.TryParse(subject, out var delivery));
        Assert.Equal(default, delivery);
    }
}
