#include "tools/lapor/sample_reports.h"

namespace lapor::client {
namespace {

constexpr auto kComplaint = report::v1::REPORT_CLASS_COMPLAINT;
constexpr auto kAspiration = report::v1::REPORT_CLASS_ASPIRATION;
constexpr auto kQuestion = report::v1::REPORT_CLASS_INFORMATION_REQUEST;

constexpr SampleReport kReports[] = {
    {kComplaint, "roads.regency", "Jalan berlubang di {street}",
     "Sejak tiga minggu lalu {street} di {place} berlubang besar di beberapa titik. Dua sepeda motor sudah "
     "jatuh. "
     "Mohon segera ditambal sebelum ada korban.",
     "Lubang sudah ditambal dan marka dipasang kembali. Foto sebelum dan sesudah terlampir."},
    {kComplaint, "roads.province", "Jalan provinsi rusak parah di {place}",
     "Jalan provinsi di ruas {street}, {place}, rusak sepanjang kurang lebih dua kilometer. Truk sering "
     "terperosok "
     "dan lalu lintas macet setiap pagi.",
     "Ruas tersebut sudah diperbaiki dengan lapis ulang. Berita acara terlampir."},
    {kComplaint, "roads.national", "Jembatan nasional berkarat di {place}",
     "Pagar jembatan jalan nasional dekat {street}, {place}, berkarat dan sebagian lepas. Berbahaya bagi "
     "pejalan kaki.",
     "Pagar jembatan sudah diganti, pekerjaan pengecatan selesai."},
    {kComplaint, "roads.lighting", "Lampu jalan mati di {street}",
     "Lampu penerangan di {street}, {place}, mati semua sejak minggu lalu. Malam hari gelap dan rawan "
     "kejahatan.",
     "Dua belas lampu sudah diganti dan menyala. Foto malam hari terlampir."},
    {kComplaint, "public-works.drainage", "Saluran air tersumbat dan banjir di {street}",
     "Setiap hujan deras air di {street}, {place}, naik sampai lutut karena saluran tersumbat sampah dan "
     "lumpur.",
     "Saluran sudah dikeruk sepanjang 400 meter dan kisi-kisi dipasang."},
    {kComplaint, "public-works.water", "Air tidak mengalir di {street}",
     "Sudah lima hari air di {street}, {place}, tidak mengalir, padahal tagihan dibayar tepat waktu.",
     "Pipa bocor sudah diperbaiki dan air kembali mengalir. Tagihan bulan ini dikurangi."},
    {kAspiration, "public-works.housing", "Usul perbaikan rumah tidak layak huni di {place}",
     "Mohon warga kampung kami di sekitar {street}, {place}, didata untuk bantuan perbaikan rumah tidak "
     "layak huni.",
     "Usul dicatat dan pendataan dijadwalkan pada triwulan berikutnya."},
    {kComplaint, "health.puskesmas", "Antrean puskesmas sangat lama di {place}",
     "Pendaftaran puskesmas di {street}, {place}, dibuka terlambat satu jam hampir setiap hari. Orang tua "
     "dan balita "
     "menunggu sejak subuh.",
     "Jam buka pendaftaran sudah ditertibkan dan nomor antrean daring diaktifkan."},
    {kComplaint, "health.hospital", "Pasien ditolak dengan alasan kamar penuh",
     "Keluarga kami ditolak di rumah sakit daerah {place} dengan alasan kamar penuh, tanpa surat rujukan.",
     "Telah dilakukan pemeriksaan internal; prosedur rujukan diperbaiki dan petugas dibina."},
    {kComplaint, "health.insurance", "Kepesertaan BPJS Kesehatan tidak aktif",
     "Iuran sudah dibayar tetapi kepesertaan keluarga kami di {place} masih tidak aktif selama dua bulan.",
     "Data pembayaran sudah disesuaikan dan kepesertaan aktif kembali."},
    {kComplaint, "health.food-drugs", "Jamu tanpa izin edar dijual bebas",
     "Di pasar dekat {street}, {place}, dijual jamu kuat tanpa izin edar yang membuat beberapa orang sakit.",
     "Produk sudah ditarik dan diuji; penjual mendapat peringatan tertulis."},
    {kQuestion, "health", "Jadwal imunisasi gratis di {place}",
     "Kapan dan di mana imunisasi gratis untuk bayi diadakan di {place} bulan ini?",
     "Imunisasi diadakan setiap Selasa pekan kedua di posyandu dan setiap hari kerja di puskesmas."},
    {kComplaint, "education.basic", "Pungutan seragam di sekolah dasar negeri",
     "Sekolah dasar negeri di {street}, {place}, mewajibkan orang tua membeli seragam di koperasi sekolah "
     "dengan harga "
     "jauh di atas pasar.",
     "Kewajiban membeli di koperasi dicabut, dan kelebihan uang dikembalikan. Surat edaran terlampir."},
    {kComplaint, "education.secondary", "Ijazah SMA ditahan sekolah",
     "Ijazah anak saya ditahan sebuah SMA negeri di {place} karena tunggakan uang komite.",
     "Ijazah sudah diserahkan kepada siswa, dan sekolah diingatkan bahwa ijazah tidak boleh ditahan."},
    {kQuestion, "education.basic", "Syarat pindah sekolah dasar",
     "Apa saja syarat memindahkan anak ke sekolah dasar lain di {place} di tengah tahun ajaran?",
     "Diperlukan surat pindah, rapor, dan kartu keluarga; alurnya ada pada lampiran."},
    {kComplaint, "education.religious", "Bantuan operasional madrasah terlambat",
     "Bantuan operasional madrasah kami di {place} belum cair selama dua triwulan.",
     "Bantuan sudah disalurkan setelah berkas dilengkapi."},
    {kComplaint, "education.higher", "Verifikasi ijazah luar negeri lama",
     "Penyetaraan ijazah luar negeri saya sudah tiga bulan tanpa kabar.",
     "Penyetaraan selesai dan keputusan dapat diunduh."},
    {kComplaint, "population.identity-card", "KTP elektronik belum jadi tiga bulan",
     "Perekaman KTP elektronik di {place} sudah tiga bulan, tetapi selalu dijawab blangko habis.",
     "KTP sudah dicetak dan diantar ke alamat pemohon."},
    {kComplaint, "population.civil-records", "Akta kelahiran dipungut biaya",
     "Petugas di {place} meminta biaya dua ratus ribu rupiah untuk akta kelahiran yang seharusnya gratis.",
     "Petugas telah ditindak dan uang dikembalikan. Bukti terlampir."},
    {kQuestion, "population.identity-card", "Syarat mengurus kartu keluarga baru",
     "Dokumen apa yang harus dibawa untuk memecah kartu keluarga setelah menikah di {place}?",
     "Bawa buku nikah dan kartu keluarga lama; pengurusan gratis dan selesai tiga hari."},
    {kComplaint, "social.assistance", "Bantuan sosial tidak tepat sasaran",
     "Penerima bantuan sosial di sekitar {street}, {place}, banyak yang mampu, sedangkan janda lansia tidak "
     "terdaftar.",
     "Data penerima sudah diverifikasi ulang melalui musyawarah; tiga nama diganti."},
    {kQuestion, "social.assistance", "Cara mendaftar bantuan pangan",
     "Bagaimana cara mendaftar bantuan pangan bagi keluarga yang baru pindah ke {place}?",
     "Pendaftaran melalui musyawarah kelurahan atau aplikasi; jadwalnya terlampir."},
    {kAspiration, "social.women-children", "Usul ruang ramah anak di {place}",
     "Mohon disediakan ruang ramah anak dan tempat menyusui di kantor pelayanan {place}.",
     "Terima kasih; ruang ramah anak masuk rencana kerja tahun ini."},
    {kComplaint, "energy.electricity", "Listrik sering padam di {street}",
     "Dalam sebulan listrik di {street}, {place}, padam belasan kali tanpa pemberitahuan. Alat elektronik "
     "rusak.",
     "Gardu sudah ditambah dan dahan pohon dirapikan; gangguan turun."},
    {kComplaint, "energy.electricity", "Tagihan listrik melonjak",
     "Tagihan listrik rumah saya di {place} naik tiga kali lipat tanpa pemakaian tambahan.",
     "Meter sudah diperiksa dan diganti; kelebihan bayar menjadi pengurang tagihan."},
    {kComplaint, "energy.fuel", "Elpiji tiga kilogram langka",
     "Elpiji tiga kilogram di {place} langka dan dijual jauh di atas harga eceran tertinggi.",
     "Pasokan ditambah dan dua pangkalan dikenai sanksi."},
    {kComplaint, "environment.waste", "Sampah menumpuk di {street}",
     "Sampah di {street}, {place}, tidak diangkut dua minggu. Bau menyengat dan banyak lalat.",
     "Sampah sudah diangkut dan jadwal pengangkutan ditambah."},
    {kComplaint, "environment.pollution", "Limbah pabrik dibuang ke sungai",
     "Air sungai dekat {street}, {place}, hitam dan berbusa setiap malam. Diduga limbah pabrik tekstil.",
     "Contoh air diperiksa; perusahaan diperintahkan memperbaiki pengolahan limbah. Berita acara terlampir."},
    {kComplaint, "environment.forest", "Pembalakan liar di hutan lindung",
     "Terjadi penebangan liar di hutan lindung {place}; truk kayu lewat {street} hampir setiap malam.",
     "Patroli gabungan dilakukan dan jalan masuk ditutup."},
    {kAspiration, "environment", "Usul taman kota di {street}",
     "Lahan kosong di {street}, {place}, sebaiknya dijadikan taman agar tidak menjadi tempat sampah.",
     "Usul diterima dan dibahas dalam perencanaan tahun depan."},
    {kComplaint, "transport.city", "Parkir liar menutup trotoar",
     "Trotoar di {street}, {place}, dipakai parkir setiap malam sehingga pejalan kaki turun ke jalan.",
     "Penertiban dilakukan dan rambu larangan dipasang."},
    {kComplaint, "transport.rail", "Palang pintu kereta rusak",
     "Palang pintu perlintasan di {street}, {place}, macet dan sering terlambat menutup.",
     "Palang sudah diperbaiki dan penjaga ditambah."},
    {kComplaint, "transport.sea-air", "Kapal perintis tidak sesuai jadwal",
     "Kapal perintis ke {place} tiga kali tidak datang sesuai jadwal; bahan pokok terlambat.",
     "Jadwal disusun ulang dan kapal pengganti disiapkan."},
    {kComplaint, "employment", "Upah lembur tidak dibayar",
     "Perusahaan di {street}, {place}, tidak membayar upah lembur selama empat bulan.",
     "Perundingan menghasilkan kesepakatan; upah dibayar bertahap."},
    {kComplaint, "employment.inspection", "Keselamatan kerja diabaikan",
     "Proyek bangunan di {street}, {place}, tidak menyediakan helm dan tali pengaman bagi pekerja.",
     "Pemeriksaan dilakukan; nota pemeriksaan terlampir."},
    {kComplaint, "employment.insurance", "Klaim jaminan hari tua tertahan",
     "Klaim jaminan hari tua saya di {place} tertahan dua bulan karena data perusahaan tidak cocok.",
     "Data sudah dicocokkan dan klaim dibayarkan."},
    {kComplaint, "employment.migrant", "Biaya penempatan pekerja migran berlebih",
     "Agen di {place} menagih biaya penempatan dua kali lipat dari ketentuan.",
     "Agen dipanggil dan kelebihan biaya dikembalikan."},
    {kQuestion, "employment.civil-service", "Jadwal seleksi aparatur sipil negara",
     "Kapan jadwal seleksi aparatur sipil negara berikutnya diumumkan?",
     "Jadwal resmi hanya melalui portal nasional; ringkasannya terlampir."},
    {kComplaint, "order", "Hiburan malam berisik di {street}",
     "Tempat hiburan di {street}, {place}, memutar musik keras sampai pukul tiga pagi.",
     "Pengelola diperingatkan dan jam operasional ditertibkan."},
    {kComplaint, "order.police", "Laporan kehilangan tidak dilayani",
     "Petugas di {place} menolak membuat surat kehilangan tanpa imbalan.",
     "Petugas diperiksa dan pelayanan surat kehilangan ditegaskan gratis."},
    {kComplaint, "order.fire-disaster", "Tanggul longsor belum ditangani",
     "Tanggul dekat {street}, {place}, longsor sejak bulan lalu dan mengancam belasan rumah.",
     "Tanggul darurat dipasang dan perbaikan tetap dianggarkan."},
    {kComplaint, "land.certificate", "Sertifikat tanah tertunda setahun",
     "Permohonan sertifikat tanah di {place} sudah setahun tanpa kepastian padahal berkas lengkap.",
     "Pengukuran selesai dan sertifikat sudah dapat diambil."},
    {kQuestion, "land", "Biaya balik nama sertifikat",
     "Berapa biaya resmi dan berapa lama balik nama sertifikat tanah di {place}?",
     "Biaya mengikuti luas dan nilai tanah; rincian dan simulasi terlampir."},
    {kComplaint, "immigration.passport", "Antrean paspor daring selalu penuh",
     "Kuota antrean paspor daring untuk {place} selalu habis dalam satu menit.",
     "Kuota ditambah dan layanan akhir pekan dibuka."},
    {kComplaint, "taxes.vehicle", "Pelayanan samsat lambat",
     "Pengesahan pajak kendaraan di {place} memakan waktu seharian karena hanya satu loket dibuka.",
     "Loket ditambah menjadi empat dan layanan keliling dijadwalkan."},
    {kQuestion, "taxes.local", "Cara membayar pajak bumi dan bangunan",
     "Di mana pajak bumi dan bangunan {place} dapat dibayar tanpa datang ke kantor?",
     "Pembayaran dapat melalui bank, kantor pos, dan aplikasi yang daftarnya terlampir."},
    {kComplaint, "taxes.national", "Restitusi pajak belum dibayar",
     "Restitusi pajak usaha kecil saya sudah melewati batas waktu tanpa keputusan.",
     "Keputusan sudah terbit dan restitusi ditransfer."},
    {kComplaint, "consumer.finance", "Penagihan pinjaman daring mengancam",
     "Penagih pinjaman daring menyebar ancaman kepada keluarga saya di {place}.",
     "Penyelenggara diperintahkan menghentikan penagihan itu dan dilaporkan."},
    {kComplaint, "licensing", "Izin usaha kecil dipersulit",
     "Pengurusan izin usaha kecil di {place} diminta bolak-balik melengkapi berkas yang tidak ada dalam "
     "persyaratan.",
     "Izin sudah terbit dan petugas diarahkan sesuai standar pelayanan."},
    {kComplaint, "agriculture.fertilizer", "Pupuk bersubsidi sulit didapat",
     "Kelompok tani kami di {place} tidak mendapat pupuk bersubsidi pada musim tanam ini.",
     "Alokasi sudah disesuaikan dan pupuk dikirim ke kios."},
    {kAspiration, "fisheries", "Usul tempat pelelangan ikan di {place}",
     "Nelayan {place} berharap dibangun tempat pelelangan ikan yang bersih dengan pabrik es.",
     "Usul masuk dalam musyawarah perencanaan pembangunan."},
    {kComplaint, "communication", "Tidak ada sinyal di {place}",
     "Sinyal telepon seluler di sekitar {street}, {place}, hilang sejak menara rusak dua bulan lalu.",
     "Menara sudah diperbaiki oleh operator dan sinyal pulih."},
    {kComplaint, "village", "Dana desa tidak transparan",
     "Papan informasi anggaran desa di {place} tidak pernah dipasang dan pertanyaan warga tidak dijawab.",
     "Papan informasi dipasang dan musyawarah pertanggungjawaban digelar."},
    {kAspiration, "culture-tourism", "Usul festival budaya tahunan di {place}",
     "Mohon pemerintah mendukung festival budaya tahunan di {place} untuk menggerakkan usaha kecil.",
     "Terima kasih, usul dibahas bersama dewan kesenian."},
    {kComplaint, "bureaucracy.local-officials", "Pungutan liar di kantor pelayanan",
     "Petugas loket di {place} meminta uang rokok untuk mempercepat berkas.",
     "Pemeriksaan inspektorat selesai dan sanksi dijatuhkan. Ringkasan terlampir."},
    {kAspiration, "transport.city", "Usul halte bus di {street}",
     "Banyak pelajar menunggu angkutan di {street}, {place}, tanpa halte. Mohon dibangun halte dan "
     "penyeberangan.",
     "Usul halte masuk daftar pembangunan tahun ini."},
};

constexpr SampleInterim kInterimAnswers[] = {
    {"Terima kasih, laporan sudah kami terima. Tim akan meninjau lokasi dalam dua hari kerja.",
     event::v1::INTERIM_REASON_FIELD_CHECK},
    {"Tim sudah meninjau lokasi; pekerjaan dijadwalkan minggu depan.",
     event::v1::INTERIM_REASON_WORK_IN_PROGRESS},
    {"Laporan sedang dikoordinasikan dengan bidang terkait. Perkembangan akan kami sampaikan.",
     event::v1::INTERIM_REASON_COORDINATION},
    {"Berkas sedang diperiksa. Mohon menunggu hasilnya.", event::v1::INTERIM_REASON_WORK_IN_PROGRESS},
};

constexpr const char* kObjections[] = {
    "Belum ada perubahan di lapangan, mohon ditinjau lagi.",
    "Jawaban tidak sesuai dengan yang saya laporkan.",
    "Hanya diperbaiki sebagian, sisanya masih rusak.",
};

constexpr const char* kReplies[] = {
    "Lokasinya tepat di depan gapura, dekat warung.",
    "Saya bersedia menunjukkan lokasinya kepada petugas.",
    "Hari ini keadaannya bertambah buruk.",
};

constexpr const char* kStreets[] = {
    "Jalan Ahmad Yani",    "Jalan Sudirman", "Jalan Diponegoro",  "Jalan Merdeka",   "Jalan Pasar Baru",
    "Jalan Gatot Subroto", "Jalan Melati",   "Jalan Kenanga",     "Jalan Pelabuhan", "Jalan Stasiun",
    "Jalan Pahlawan",      "Jalan Sekolah",  "Jalan Masjid Raya", "Jalan Veteran",   "Jalan Pemuda",
};

}  // namespace

std::span<const SampleReport> SampleReports() { return kReports; }
std::span<const SampleInterim> SampleInterimAnswers() { return kInterimAnswers; }
std::span<const char* const> SampleObjections() { return kObjections; }
std::span<const char* const> SampleReplies() { return kReplies; }
std::span<const char* const> SampleStreets() { return kStreets; }

std::string InPlace(std::string text, const std::string& street, const std::string& place) {
  const auto fill = [&text](const std::string& what, const std::string& with) {
    for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
      text.replace(at, what.size(), with);
    }
  };
  fill("{street}", street);
  fill("{place}", place);
  return text;
}

}  // namespace lapor::client
