namespace StreamLearn.Mqtt.Tests;

/// <summary>The judge of all runs must itself be right.</summary>
public sealed class LedgerTests
{
    [Fact]
    public void A_check_counts_what_is_missing_and_what_is_there_twice() =>
        Assert.Equal(new LedgerCheck(Sent: 4, Lost: 1, Duplicates: 2), LedgerCheck.Of([1, 2, 3, 4], [2, 1, 2, 4, 2, 9]));

    [Fact]
    public void A_ledger_keeps_what_was_in_it_and_leaves_out_a_torn_line()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("ledger");
        Write(1, 2);
        Write(33);
        File.AppendAllText(path, "44");

        Assert.Equal([1, 2, 33], Ledger.Read(path));

        void Write(params ReadOnlySpan<long> numbers)
        {
            using var ledger = new Ledger(path);
            foreach (var number in numbers) { ledger.Write(number); }
        }
    }
}
