using System.Collections.Immutable;
using StreamLearn.Models;

namespace StreamLearn.Fleets;

/// <summary>
/// What each device was told. A version may be replaced by a newer one before a device sees it: so a directive travels with every version
/// until the device has learned from one that carried it. What all are told alike travels once, with every version, for those to come too.
/// </summary>
internal sealed class DirectiveBook(int maxDirectives, OperatorContext context)
{
    /// <summary>What devices are told.</summary>
    internal Direct Rule { get; set; } = Direct.Unchanged;

    private readonly ImmutableArray<Directive>.Builder _sent = ImmutableArray.CreateBuilder<Directive>();
    private int _next;

    internal void State(ref StateStream s) => s.Value(ref _next, 0, int.MaxValue);

    /// <summary>Asks what every device is to do, and gives the directives that a version carries.</summary>
    internal ImmutableArray<Directive> For(FleetMedians medians, IReadOnlyList<Member> members, in RoundView round)
    {
        if (Rule == Direct.Unchanged || members.Count == 0) { return []; }
        var common = Ask(members[0], medians, round);
        for (var i = 1; i < members.Count; i++) { common = Ask(members[i], medians, round) == common ? common : null; }
        if (common is not null) { return common == Directive.Unchanged ? [] : [common]; }
        return Pending(members);
    }

    /// <summary>Asks what a device is to do, and notes what it has not been told yet.</summary>
    private Directive? Ask(Member member, FleetMedians medians, in RoundView round)
    {
        var asked = Rule.For(member.View(medians.ScoreOf(member.Pace)), round);
        var directive = asked.Device is null ? asked : asked with { Device = null };
        if (!directive.IsValid)
        {
            context.Record("directives-invalid");
            directive = Directive.Unchanged;
        }

        if (directive != Directive.Unchanged && directive != member.Told?.Directive) { member.Told = (directive, round.Version); }
        return directive;
    }

    /// <summary>The directives that devices have not answered to; where there are too many, the others come next.</summary>
    private ImmutableArray<Directive> Pending(IReadOnlyList<Member> members)
    {
        var start = _next < members.Count ? _next : 0;
        for (var i = 0; i < members.Count && _sent.Count < maxDirectives; i++)
        {
            var place = (start + i) % members.Count;
            var member = members[place];
            if (member.Told is not { } told || member.Took >= told.Since) { continue; }
            _sent.Add(told.Directive with { Device = member.Id.Name });
            _next = place + 1;
        }

        return _sent.DrainToImmutable();
    }
}
