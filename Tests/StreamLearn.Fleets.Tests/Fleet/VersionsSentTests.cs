namespace StreamLearn.Fleets.Tests;

public sealed class VersionsSentTests
{
    [Fact]
    public void A_device_is_due_what_it_neither_holds_nor_has_on_the_way()
    {
        var sent = new VersionsSent(3);
        Assert.False(sent.IsDue(2));
        Assert.False(sent.IsDue(3));
        Assert.True(sent.IsDue(4));
        sent.Send(4);
        Assert.False(sent.IsDue(4));
        Assert.True(sent.IsDue(5));
        Assert.True(new VersionsSent(-1).IsDue(0));
    }

    [Fact]
    public void No_third_version_is_sent_after_two_unconfirmed_ones()
    {
        var sent = new VersionsSent(0);
        sent.Send(1);
        sent.Send(4);
        Assert.Equal(2, sent.Unconfirmed);
        Assert.False(sent.IsDue(5));
        sent.Confirm(1);
        Assert.Equal(1, sent.Unconfirmed);
        Assert.True(sent.IsDue(5));
        Assert.False(sent.IsDue(4));
    }

    [Fact]
    public void A_confirmation_is_one_of_all_versions_before_it()
    {
        var sent = new VersionsSent(0);
        sent.Send(1);
        sent.Send(2);
        sent.Confirm(2);
        sent.Confirm(1);
        Assert.Equal(0, sent.Unconfirmed);
        Assert.False(sent.IsDue(2));
        Assert.True(sent.IsDue(3));
    }

    [Fact]
    public void The_first_question_waits_for_what_is_on_the_way_and_the_second_gives_it_up()
    {
        var sent = new VersionsSent(0);
        sent.Send(1);
        sent.Send(2);
        sent.Ask();
        Assert.Equal(2, sent.Unconfirmed);
        sent.Ask();
        Assert.Equal(0, sent.Unconfirmed);
        Assert.True(sent.IsDue(2));
    }

    [Fact]
    public void A_confirmation_between_two_questions_makes_the_second_a_first_one()
    {
        var sent = new VersionsSent(0);
        sent.Send(1);
        sent.Send(2);
        sent.Ask();
        sent.Confirm(0);        // nothing new
        sent.Confirm(1);
        sent.Ask();
        Assert.Equal(1, sent.Unconfirmed);
    }

    [Fact]
    public void What_is_lost_is_due_again()
    {
        var sent = new VersionsSent(7);
        sent.Send(8);
        sent.Lose(-1);
        Assert.Equal(0, sent.Unconfirmed);
        Assert.True(sent.IsDue(7));
    }
}
