namespace StreamLearn.Fleets;

/// <summary>Moments of the fleet's rows, from which the model's scale is computed.</summary>
/// <remarks>With three or more devices, each has at most a share of the rows, and rows at more than ten times the median distance are
/// excluded. Before that, all are accepted; with the third device, outliers are removed.</remarks>
internal sealed class FleetScale
{
    /// <summary>Limit of the distance while there are too few votes, as after resuming from a retained version.</summary>
    private const double FarAtFirst = 1000;

    private readonly List<(string Device, ChannelMoments Moments)> _early = [];
    private bool _isSettled;        // true if three devices have reported, or it was restored
    private double _far = FarAtFirst;       // initial bound, until medians of the fleet are known

    internal ChannelMoments? Moments { get; private set; }

    internal void State(ref StateStream s, int channels)
    {
        Moments = s.Moments(Moments, channels);
        s.Value(ref _isSettled);
        s.Value(ref _far);
        s.Items(_early, Fleet.EnoughDevices, channels,
            static (ref StateStream s, ref (string Device, ChannelMoments Moments) early, int channels) =>
                early = (s.Value(early.Device ?? ""),
                    s.Moments(early.Moments, channels) ?? throw new StateException("expected moments, got none")));
    }

    internal void ResumeFrom(ChannelMoments? moments)
    {
        _early.Clear();
        (Moments, _isSettled, _far) = (moments, moments is not null, FarAtFirst);
    }

    internal long Take(Member member, ChannelMoments reported, Fleet fleet)
    {
        if (reported.Count == 0) { return 0; }
        if (!_isSettled) { return TakeEarly(member, reported, fleet); }
        var far = fleet.Medians.RowsVoters < Fleet.EnoughDevices ? _far : UpdateCheck.Tolerance * fleet.Medians.RowsDistance;
        var distance = DistanceOf(reported, Moments!);
        member.RowsVote = distance;
        var rows = distance <= far ? fleet.Rows.Count(member, reported.Count, isKnown: true) : 0;
        if (rows > 0) { Moments = ChannelMoments.Merge(Moments, Of(reported, rows)); }
        return rows;
    }

    private long TakeEarly(Member member, ChannelMoments reported, Fleet fleet)
    {
        var name = member.Id.Name;
        var rows = fleet.Rows.Count(member, reported.Count, isKnown: false);
        Moments = ChannelMoments.Merge(Moments, reported);
        var at = _early.FindIndex(e => e.Device == name);
        if (at < 0) { _early.Add((name, reported)); }
        else { _early[at] = (name, ChannelMoments.Merge(_early[at].Moments, reported)!); }
        if (_early.Count == Fleet.EnoughDevices) { Settle(fleet); }
        return member.Rows == 0 ? 0 : rows;
    }

    private void Settle(Fleet fleet)
    {
        _isSettled = true;
        var all = _early.ConvertAll(static e => e.Moments);
        double Median(Func<ChannelMoments, double> of)
        {
            double[] values = [.. all.Select(of).Order()];
            return values[values.Length / 2];
        }

        var channels = all[0].Channels;
        var (mean, variance) = (new double[channels], new double[channels]);
        for (var c = 0; c < channels; c++) { (mean[c], variance[c]) = (Median(m => m.Mean[c]), Median(m => m.M2[c] / m.Count)); }

        var ordinary = new ChannelMoments(2, [.. mean], [.. variance]);     // the sample variance of two rows
        var distances = all.ConvertAll(m => DistanceOf(m, ordinary));
        var far = _far = UpdateCheck.Tolerance * distances.Order().ElementAt(distances.Count / 2);
        for (var i = 0; i < all.Count; i++)
        {
            if (fleet.MemberOf(_early[i].Device) is not { } member) { continue; }
            member.RowsVote = distances[i];
            if (distances[i] > far) { fleet.Rows.Forget(member); }
        }

        if (distances.Exists(d => d > far))
        {
            Moments = null;
            for (var i = 0; i < all.Count; i++)
            {
                if (distances[i] <= far) { Moments = ChannelMoments.Merge(Moments, all[i]); }
            }
        }

        _early.Clear();
    }

    /// <summary>Returns the greatest distance of means and deviations over the channels, in standard deviations of the others. Constant
    /// channels are ignored, because a feature that is 0 on most devices changes on some.</summary>
    private static double DistanceOf(ChannelMoments reported, ChannelMoments others)
    {
        const double Rounding = 1e-12;      // rounding error of a variance, relative to the square
        var greatest = 0.0;
        for (var c = 0; c < reported.Channels; c++)
        {
            var off = reported.Mean[c] - others.Mean[c];
            var spread = others.Variance(c);
            if (spread <= Rounding * (1 + (others.Mean[c] * others.Mean[c]))) { continue; }
            greatest = Math.Max(greatest, Math.Max(off * off, reported.M2[c] / reported.Count) / spread);
        }

        return Math.Sqrt(greatest);
    }

    private static ChannelMoments Of(ChannelMoments moments, long rows) => rows == moments.Count ? moments
        : new(rows, moments.Mean, [.. moments.M2.Select(m2 => m2 * ((double)rows / moments.Count))]);
}
