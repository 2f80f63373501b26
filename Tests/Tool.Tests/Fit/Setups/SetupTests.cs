namespace Tool.Tests;

public sealed class SetupTests(ITestOutputHelper output)
{
    [Fact]
    public void Half_of_the_set_ups_of_each_kind_are_left_for_the_last_table()
    {
        output.WriteLine(string.Join('\n', Setups.All.Where(static s => s.IsFinal).Select(static s => $"{s.Kind}: {s.Name}")));
        Assert.All(Setups.All.GroupBy(static s => s.Kind),
            static kind => Assert.Equal(kind.Count() / 2, kind.Count(static s => s.IsFinal)));
    }

    [Fact]
    public void Rows_of_a_set_up_are_the_same_each_time()
    {
        using var folder = new TemporaryFolder();
        var setup = Setups.All.First(static s => s.Name == "phones at 20, 25 and 50 Hz");
        Assert.True(setup.Write(folder.File("a.csv")) && setup.Write(folder.File("b.csv")));
        Assert.Equal(File.ReadAllLines(folder.File("a.csv")), File.ReadAllLines(folder.File("b.csv")));
        string[] devices = ["a", "b", "c", "d", "e", "f"];
        Assert.Equal(setup.Unseen(devices, 1), setup.Unseen(devices.Reverse(), 1));
        Assert.NotEqual(setup.Unseen(devices, 1), setup.Unseen(devices, 2));
    }
}
