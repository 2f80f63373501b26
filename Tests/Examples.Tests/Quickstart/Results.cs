namespace Examples.Tests;

internal static class Results
{
    internal static string Scenario(string name) => Path.Combine(AppContext.BaseDirectory, name);

    internal static double Number(JsonElement result, string key) => result.GetProperty(key).GetDouble();

    internal static string Weights(JsonElement result) => result.GetProperty("weights_sha256").GetString()!;

    internal static void AssertLedger(JsonElement result)
    {
        var dropped = result.GetProperty("rows_dropped").EnumerateObject().Sum(r => r.Value.GetInt64());
        var (windowed, held) = (result.GetProperty("rows_windowed").GetInt64(), result.GetProperty("rows_held").GetInt64());
        Assert.True(windowed > 0);
        Assert.Equal(result.GetProperty("rows_in").GetInt64(), windowed + dropped + held);
        Assert.True(result.GetProperty("ledger_adds_up").GetBoolean());
    }
}
