namespace StreamLearn.Models.Tests;

public sealed class WorkspaceTests
{
    [Fact]
    public void Spans_do_not_overlap_and_come_back_after_release()
    {
        var memory = new Workspace();
        var mark = memory.Mark();
        memory.Rent(600).Fill(1);
        var first = memory.Rent(600);
        first.Fill(2);
        var second = memory.Rent(5000);
        second.Fill(3);
        Assert.All(first.ToArray(), x => Assert.Equal(2, x));
        var reserved = memory.ReservedBytes;
        memory.Release(mark);
        Assert.All(memory.Rent(600).ToArray(), x => Assert.Equal(1, x));
        memory.Rent(600);
        memory.Rent(5000);
        Assert.Equal(reserved, memory.ReservedBytes);
    }

    [Fact]
    public void An_empty_span_and_a_negative_length_are_told_apart()
    {
        Assert.True(new Workspace().Rent(0).IsEmpty);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Workspace().Rent(-1).Length);
    }

    [Fact]
    public void All_memory_can_be_given_back_when_none_is_handed_out()
    {
        var memory = new Workspace();
        var mark = memory.Mark();
        memory.Rent(5000);
        Assert.Throws<InvalidOperationException>(memory.Trim);
        memory.Release(mark);
        memory.Trim();
        Assert.Equal(0, memory.ReservedBytes);
        memory.Rent(2000).Fill(1);
        Assert.Equal(8000, memory.ReservedBytes);
    }
}
