namespace StreamLearn.Fleets;

/// <summary>Directives by device. A newer version may replace one before a device receives it, so a directive is sent with every version
/// until the device learns from a version that carried it. Directives for all devices are sent once per version.</summary>
internal sealed class DirectiveBook(int maxDirectives, OperatorContext context)
{
    internal Direct Rule { get; set; } = Direct.Unchanged;

    private readonly ImmutableArray<Directive>.Builder _sent = ImmutableArray.CreateBuilder<Directive>();
    private int _next;

    internal void State(ref StateStream s) => s.Value(ref _next, 0, int.MaxValue);

    internal ImmutableArray<Directive> For(FleetMedians medians, IReadOnlyList<Member> members, in RoundView round)
    {
        if (Rule == Direct.Unchanged || members.Count == 0) { return []; }
        var common = Ask(members[0], medians, round);
        for (var i = 1; i < members.Count; i++) { common = Ask(members[i], medians, round) == common ? common : null; }
        if (common is not null) { return common == Directive.Unchanged ? [] : [common]; }
        return Pending(members);
    }

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

    /// <summary>Returns the unconfirmed directives; beyond the limit, the rest follows later.</summary>
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
