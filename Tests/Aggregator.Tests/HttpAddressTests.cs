namespace Aggregator.Tests;

public sealed class HttpAddressTests
{
    [Theory]
    [InlineData("8080", "127.0.0.1:8080")]
    [InlineData("0", "127.0.0.1:0")]
    [InlineData("localhost:81", "127.0.0.1:81")]
    [InlineData("127.0.0.1:8080", "127.0.0.1:8080")]
    [InlineData("127.0.0.9:8080", "127.0.0.9:8080")]
    [InlineData("[::1]:8080", "[::1]:8080")]
    public void Addresses_of_this_machine_are_taken(string text, string expected) => Assert.Equal(expected, $"{HttpAddress.Parse(text)}");

    [Theory]
    [InlineData("0.0.0.0:8080", "no login")]
    [InlineData("192.168.1.5:8080", "no login")]
    [InlineData("[::]:8080", "no login")]
    [InlineData("[::ffff:10.0.0.1]:80", "no login")]
    [InlineData("example.org:8080", "expected a port")]
    [InlineData("127.0.0.1", "expected a port")]
    [InlineData("::1", "expected a port")]
    [InlineData("65536", "expected a port")]
    [InlineData("-1", "expected a port")]
    [InlineData("", "expected a port")]
    [InlineData("http://127.0.0.1:80", "expected a port")]
    [InlineData("\u001b[2J:80", "got '·[2J:80'")]
    public void All_others_are_refused_with_a_sentence(string text, string why) =>
        Assert.Contains(why, Assert.Throws<HttpAddressException>(() => HttpAddress.Parse(text)).Message, StringComparison.Ordinal);
}
