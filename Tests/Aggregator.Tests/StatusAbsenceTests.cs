using System.Diagnostics;

namespace Aggregator.Tests;

public sealed class StatusAbsenceTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Theory]
    [InlineData("running", 1, null)]
    [InlineData("running", 7, "last written 7 s ago")]
    [InlineData("ended", 7000, null)]
    [InlineData("stopped", 7000, null)]
    public void A_program_that_is_there_and_writes_is_not_absent(string state, int age, string? absence)
    {
        var said = StatusFile.AbsenceOf(Members(state, Environment.ProcessId, age), Now);

        if (absence is null) { Assert.Null(said); }
        else { Assert.EndsWith(absence, said, StringComparison.Ordinal); }
    }

    [Theory]
    [InlineData("60", 64, true)]
    [InlineData("60", 66, false)]
    [InlineData("1E9", 66, false)]
    public void A_program_that_seldom_writes_is_given_the_time(string every, int age, bool isThere)
    {
        var members = Members("running", Environment.ProcessId, age);
        members.Add(new(StatusFile.EverySeconds, every));

        Assert.Equal(isThere, StatusFile.AbsenceOf(members, Now) is null);
    }

    [Fact]
    public async Task A_process_that_is_gone_is_said_at_once()
    {
        using var ended = Process.Start("true");
        await ended.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal($"process {ended.Id} has ended; last written 1 s ago", StatusFile.AbsenceOf(Members("running", ended.Id, 1), Now));
    }

    private static List<KeyValuePair<string, string>> Members(string state, int process, int age) =>
    [
        new("state", state), new("process", $"{process}"), new("written", $"{Now - TimeSpan.FromSeconds(age):O}"),
    ];
}
