using HeartSound.Edge.Inference;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Recordings;
using HeartSound.Edge.Report;
using HeartSound.Signal;

namespace HeartSound.Edge.Classification;

/// <summary>Makes the page of <c>classify --report</c>: reads the recordings again for their pictures, and writes the whole page or none.</summary>
internal static class RecordingReport
{
    private const int BlockSamples = 16384;

    /// <exception cref="IOException">The page cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The page may not be written.</exception>
    public static void Write(string path, ModelBundle model, Channel channel, int jobs, IReadOnlyList<RecordingResult> results)
    {
        var manifest = model.Manifest;
        var info = new ReportInfo
        {
            ModelId = manifest.Id,
            ModelVersion = manifest.Version,
            ModelSha256 = model.Sha256,
            AlarmLabels = manifest.AlarmLabels,
            AlarmBelow = manifest.Calibration.AlarmBelow,
            AlarmAbove = manifest.Calibration.AlarmAbove,
            Provider = $"{model.Provider}, ONNX Runtime {model.Library.Version}",
            SoftwareVersion = VerdictStamp.Software,
            Created = DateTimeOffset.Now,
        };

        // The page shows so many pictures at the most, those first that somebody should look at: make no others.
        var pictured = results.OrderBy(r => r.Verdict switch { { Alarm: true } => 0, { Alarm: null } => 1, _ => 2 }).Take(info.MaxPictures).ToHashSet(ReferenceEqualityComparer.Instance);
        var reported = results.AsParallel().AsOrdered().WithDegreeOfParallelism(jobs)
            .Select(r => Reported(r, pictured.Contains(r) ? Picture.Of(r, channel, manifest.FrontEnd) : null, manifest)).ToList();

        var partial = path + ".part";
        try
        {
            using (var writer = new StreamWriter(partial)) HtmlReport.Write(writer, reported, info);
            File.Move(partial, path, overwrite: true);
        }
        catch
        {
            File.Delete(partial); // does nothing where there is none
            throw;
        }
    }

    private static ReportedRecording Reported(RecordingResult result, Picture? picture, ModelManifest manifest)
    {
        var verdict = result.Verdict;
        return new ReportedRecording
        {
            File = result.File,
            Verdict = verdict?.Answer,
            Alarm = verdict?.Alarm,
            Reason = verdict?.Reason is { } reason ? VerdictText.Words(reason) : "",
            Advice = verdict?.Advice ?? "",
            Error = result.Error ?? "",
            Warning = result.Warning ?? "",
            Probabilities = manifest.Labels.Where(l => verdict?.Probabilities.ContainsKey(l) == true).Select(l => KeyValuePair.Create(l, verdict!.Probabilities[l])).ToList(),
            AlarmProbability = verdict?.AlarmProbability,
            HeartRateBpm = verdict?.HeartRateBpm,
            QualityScore = verdict?.Quality.Score,
            DurationSeconds = result.Seconds,
            SampleRateHz = result.SampleRateHz,
            WaveformMin = picture?.Waveform.Min ?? [],
            WaveformMax = picture?.Waveform.Max ?? [],
            LogMel = picture?.LogMel,
            Windows = result.Windows.Select(w => new ReportedWindow
            {
                StartSeconds = w.StartSeconds,
                EndSeconds = w.EndSeconds,
                AlarmProbability = w.AlarmProbability,
                Accepted = w.Quality.Accepted,
                Reason = w.Quality.Accepted ? "" : VerdictText.Words(w.Quality.Reason),
            }).ToList(),
        };
    }

    /// <summary>What a recording looks like.</summary>
    private sealed record Picture(WaveformOverview Waveform, LogMelPicture LogMel)
    {
        /// <summary>Null for a recording that failed, or that cannot be read a second time.</summary>
        public static Picture? Of(RecordingResult result, Channel channel, FrontEndSpec spec)
        {
            if (result.Error is not null || result.Seconds <= 0) return null;
            try
            {
                using var recording = RecordingReader.Open(result.File, channel);
                return Of(recording, spec, (long)Math.Round(result.Seconds * result.SampleRateHz));
            }
            catch (RecordingException)
            {
                return null; // it was there a moment ago; the verdict stands without a picture
            }
        }

        private static Picture Of(IRecording recording, FrontEndSpec modelSpec, long samples)
        {
            // Short windows that lie frame against frame, as they are before normalisation: together they are the whole recording.
            var spec = modelSpec with { Normalisation = Normalisation.None, WindowSeconds = 0.5 + (double)modelSpec.FftSamples / modelSpec.SampleRateHz };
            spec = spec with { WindowHopSeconds = (double)(spec.WindowFrames * spec.HopSamples) / spec.SampleRateHz, NormalisationSeconds = Math.Max(spec.NormalisationSeconds, spec.WindowSeconds) };
            var waveform = new WaveformOverview(samples);
            var logMel = new LogMelOverview(spec.MelBands, Math.Max(1, samples * spec.SampleRateHz / recording.SampleRateHz / spec.HopSamples));
            var next = 0L;
            var frontEnd = new FrontEnd(spec, recording.SampleRateHz, (in window) =>
            {
                var first = (long)Math.Round(window.StartSeconds * spec.SampleRateHz / spec.HopSamples);
                logMel.Skip(first - next);
                logMel.Add(window.Features, spec.WindowFrames, spec.WindowFrames);
                next = first + spec.WindowFrames;
            });

            var block = new float[BlockSamples];
            for (int read; (read = recording.Read(block)) > 0;)
            {
                waveform.Add(block.AsSpan(0, read));
                frontEnd.Listen(block.AsSpan(0, read));
            }

            frontEnd.Complete();
            return new Picture(waveform, logMel.ToPicture(spec.MelLowHz, spec.MelHighHz));
        }
    }
}
