namespace StreamLearn.Fleets.Tests;

public sealed class IdentityWindowTests
{
    [Fact]
    public void A_number_is_admitted_once_in_whatever_order_and_not_when_it_is_too_far_back()
    {
        var window = new IdentityWindow();
        Assert.Null(window.Admit(100));
        Assert.Null(window.Admit(37));
        Assert.Equal(UpdateRefusal.Identity, window.Admit(36));
        Assert.Equal(UpdateRefusal.Duplicate, window.Admit(100));
        Assert.Equal(UpdateRefusal.Duplicate, window.Admit(37));
        Assert.Null(window.Admit(101));
        Assert.Equal(UpdateRefusal.Identity, window.Admit(37));
        Assert.Null(window.Admit(1000));
        Assert.Equal(UpdateRefusal.Identity, window.Admit(101));
        Assert.Equal([1000L], window.Fates().Select(f => f.Sequence));
    }

    [Theory, InlineData(0), InlineData(-1), InlineData(long.MinValue)]
    public void Numbers_begin_at_one_and_others_close_nothing(long sequence)
    {
        var window = new IdentityWindow();
        Assert.Equal(UpdateRefusal.Identity, window.Admit(sequence));
        Assert.Empty(window.Fates());
        Assert.Null(window.Admit(1));
        Assert.Equal(UpdateRefusal.Identity, window.Admit(sequence));
        Assert.Equal([new(1, UpdateOutcome.Held)], window.Fates());
    }

    [Fact]
    public void The_greatest_number_is_one_like_others()
    {
        var window = new IdentityWindow();
        Assert.Null(window.Admit(Plausible.MaxNumber));
        Assert.Equal(UpdateRefusal.Duplicate, window.Admit(Plausible.MaxNumber));
        Assert.Equal(UpdateRefusal.Identity, window.Admit(Plausible.MaxNumber + 1));
        Assert.Equal(UpdateRefusal.Identity, window.Admit(1));
        Assert.Single(window.Fates());
    }

    [Fact]
    public void Fates_are_listed_newest_first_as_they_were_decided()
    {
        var window = new IdentityWindow();
        foreach (var sequence in new long[] { 2, 5, 3 }) { window.Admit(sequence); }
        window.Decide(3, UpdateOutcome.Applied);
        window.Decide(2, UpdateOutcome.Refused, "norm");
        window.Decide(4, UpdateOutcome.Applied);        // never admitted
        window.Decide(69, UpdateOutcome.Applied);
        Assert.Equal([new(5, UpdateOutcome.Held), new(3, UpdateOutcome.Applied), new(2, UpdateOutcome.Refused, "norm")], window.Fates());
    }

    [Fact]
    public void What_has_left_the_window_is_not_listed_and_not_decided()
    {
        var window = new IdentityWindow();
        window.Admit(1);
        window.Admit(2);
        window.Admit(65);
        window.Decide(1, UpdateOutcome.Applied);
        Assert.Equal([new(65, UpdateOutcome.Held), new(2, UpdateOutcome.Held)], window.Fates());
        for (var sequence = 66; sequence < 200; sequence++) { window.Admit(sequence); }
        Assert.Equal(Enumerable.Range(0, 64).Select(i => 199L - i), window.Fates().Select(f => f.Sequence));
    }

    [Fact]
    public void Two_updates_under_one_number_are_told_apart_after_a_resume_too()
    {
        var window = new IdentityWindow();
        window.Admit(1, fingerprint: 7);
        window.Admit(2, fingerprint: 8);
        window.Decide(2, UpdateOutcome.Applied);
        var again = new IdentityWindow();
        States.Carry(window.State, again.State);
        Assert.Equal((UpdateRefusal.Duplicate, UpdateRefusal.NumberTwice), (again.Admit(1, 7), again.Admit(2, 9)));
        Assert.Equal([new(2, UpdateOutcome.Applied, null, 8), new(1, UpdateOutcome.Held, null, 7)], again.Fates());
    }

    [Fact]
    public void Numbers_that_a_newer_state_knew_are_counted_once()
    {
        var (window, again) = (new IdentityWindow(), new IdentityWindow());
        window.Admit(5);
        window.Admit(7);
        Assert.Equal(0, window.TakeMissing());
        States.Carry(window.State, again.State);
        again.Resume();
        foreach (var sequence in new[] { 6, 11, 9, 20, 73 }) { again.Admit(sequence); }
        Assert.Equal(0, again.TakeMissing());       // 10 may still come
        again.Admit(74);
        Assert.Equal((2, 0), (again.TakeMissing(), again.TakeMissing()));
    }

    [Fact]
    public void A_device_that_starts_anew_begins_at_one()
    {
        var window = new IdentityWindow();
        window.Decide(1, UpdateOutcome.Applied);
        window.Admit(500);
        window.Clear();
        Assert.Empty(window.Fates());
        Assert.Null(window.Admit(1));
        Assert.Equal([new(1, UpdateOutcome.Held)], window.Fates());
    }

    [Fact]
    public void It_agrees_with_a_set_that_forgets_nothing()
    {
        var random = new RandomStream(5, "identities");
        var (window, seen, newest) = (new IdentityWindow(), new HashSet<long>(), 0L);
        for (var i = 0; i < 10_000; i++)
        {
            var sequence = Math.Max(0, newest + random.NextInt32(80) - 72);
            UpdateRefusal? expected = sequence == 0 || (newest > 0 && sequence <= newest - 64) ? UpdateRefusal.Identity
                : seen.Add(sequence) ? null : UpdateRefusal.Duplicate;
            Assert.Equal(expected, window.Admit(sequence));
            newest = Math.Max(newest, sequence);
            Assert.Equal(seen.Where(s => s > newest - 64).OrderDescending(), window.Fates().Select(f => f.Sequence));
        }
    }
}
