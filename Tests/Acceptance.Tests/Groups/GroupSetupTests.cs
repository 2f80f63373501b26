using StreamLearn.Testing;

namespace Acceptance.Tests;

/// <summary>The set-ups by groups are what they are said to be.</summary>
public sealed class GroupSetupTests(ITestOutputHelper output)
{
    [Fact]
    public void Half_of_the_set_ups_are_final() => Assert.Equal(GroupSetups.All.Count, 2 * GroupSetups.All.Count(static s => s.IsFinal));

    [Fact]
    public void All_groups_have_rows_of_finite_values_and_no_group_judges_that_learns()
    {
        foreach (var setup in GroupSetups.All.Where(static s => LongForm.IsAsked || s.Name is "arem by recording" or "free-living"))
        {
            var groups = setup.Load();
            if (groups.Count == 0) { continue; }
            var (learning, unseen) = GroupSetup.Split(groups, seed: 0);
            output.WriteLine($"{setup.Name}: {groups.Count} groups, {unseen.Length} of them judge, {groups.Sum(g => g.Rows.Count)} rows "
                + $"of {groups[0].Rows.Width} values");
            Assert.Empty(learning.Intersect(unseen));
            Assert.Equal(groups.Count, learning.Length + unseen.Length);
            Assert.All(groups, g => Assert.Equal(-1, Array.FindIndex([.. g.Rows.Labels], l => l < 0 || l >= setup.Classes)));
            Assert.All(groups, static g => Assert.Equal(-1, Array.FindIndex([.. g.Rows.Features], static v => !float.IsFinite(v))));
        }

        Assert.Equal(50, GroupSetups.All[^1].Load().Count);
    }
}
